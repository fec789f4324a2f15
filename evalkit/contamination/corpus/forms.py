"""Which form a file of a corpus has, told by the ending of its name alone."""

JSONL, TEXT, PARQUET, ARROW, HUB = "jsonl", "text", "parquet", "arrow", "hub"
PACKINGS = {"": "", ".gz": ".gz", ".zst": ".zst", ".zstd": ".zst"}
ENDINGS: dict[str, str] = {
    **{f"{ending}{packing}": JSONL + form for ending in (".jsonl", ".ndjson") for packing, form in PACKINGS.items()},
    **{f".json{packing}": JSONL + form for packing, form in PACKINGS.items() if packing},  # alone it is mostly no lines
    **{f".txt{packing}": TEXT + form for packing, form in PACKINGS.items()},
    ".parquet": PARQUET,
    ".arrow": ARROW,
    ".feather": ARROW,
}
KNOWN = ", ".join(ENDINGS)


def form_of(path: str) -> str:
    """The form of a file, e.g. `jsonl.gz`; empty if its ending is unknown. What follows a `?` in an address is none."""
    name = (path.partition("?")[0] if is_remote(path) else path).rpartition("/")[2].lower()
    return next((form for ending, form in ENDINGS.items() if name.endswith(ending)), "")


def base_of(form: str) -> str:
    """The form without its packing: `jsonl` of `jsonl.gz`."""
    return form.partition(".")[0]


def packing_of(form: str) -> str:
    """How a file of a form is packed: `gz`, `zst`, or empty for not at all."""
    return form.partition(".")[2]


def is_remote(path: str) -> bool:
    """Whether a path is an address as fsspec has it."""
    return "://" in path
