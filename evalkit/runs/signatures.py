"""What differs between the signatures of two numbers: texts in, fields out."""

from collections.abc import Collection, Mapping


def parse(signature: str) -> dict[str, str]:
    """The fields of a signature, `task` first. A part that is no field of its own belongs to the one before it, as a
    name may hold a bar.

    superglue/rte@7475|prompt:gpt3@3368|shots:1:random|... gives {"task": "superglue/rte@7475", "prompt": "gpt3@3368",
    "shots": "1:random", ...}
    """
    first, *parts = signature.split("|")
    fields, last = {"task": first}, "task"
    for part in parts:
        name, colon, value = part.partition(":")
        if part.startswith("average of "):
            fields["average of"] = part.removeprefix("average of ")
        elif not colon:
            fields[last] += "|" + part
        else:
            last = name
            fields[name] = value
    return fields


def differing(first: str, second: str, free: Collection[str]) -> dict[str, tuple[str, str]]:
    """The fields that two signatures do not share the value of, with both values, empty where one lacks the field;
    those that are `free` to differ are left out.
    """
    one, other = parse(first), parse(second)
    return {
        name: (one.get(name, ""), other.get(name, ""))
        for name in dict.fromkeys([*one, *other])
        if one.get(name) != other.get(name) and name not in free
    }


def unlike(first: str, second: str, free: Collection[str]) -> Mapping[str, tuple[str, str]]:
    """The same without what differs in name alone: the fields because of which two numbers are not alike."""
    fields = differing(first, second, free)
    return {name: values for name, values in fields.items() if not _is_of_more(name, *values)}


def _is_of_more(name: str, first: str, second: str) -> bool:
    """Whether one number has the other's data and more: the split that shots are drawn from, which earlier runs named
    at 0 shots too, if they had any shots at all. Whether these numbers do is told by their shots.
    """
    one, other = set(first.split("+")), set(second.split("+"))
    return name == "data" and (one <= other or other <= one)
