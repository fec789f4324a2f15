"""Proper names of the demo corpus: people, places and organisations, from lists and from random syllables."""

from random import Random
from typing import Final

from evalkit.models.demo.lexicon import words

FEMALE: Final = words("""
    Mary Anna Emma Sarah Laura Julia Alice Clara Helen Ruth Nora Lucy Grace Ella Maria Sofia Olga Ingrid Fatima
    Aisha Priya Mei Yuki Hana Carmen Rosa Elena Nadia Leila Zara Amina Chloe Emily Jane Kate Susan Linda Karen Joan
    Martha Betty Diana Irene Paula Rachel Tina Vera Wendy Molly Daisy Eva Lily Nina Tara Sandra Monica Rebecca Amy
    Jessica Hannah Olivia Sophie Isabel Margaret Elizabeth Victoria Barbara Patricia
""")
MALE: Final = words("""
    John Peter Paul Mark David James Thomas Robert William Henry George Jack Tom Sam Ben Max Leo Oscar Hugo Felix
    Ivan Omar Ali Hassan Ravi Arun Kenji Hiro Chen Wei Carlos Diego Miguel Pedro Luis Marco Luca Pierre Jean Karl
    Hans Erik Lars Sven Adam Daniel Michael Joseph Simon Philip Martin Frank Fred Bill Jim Joe Kevin Brian Alan Eric
    Victor Noah Ethan Jacob Steve Andrew Edward Charles Richard Patrick Anthony
""")
SURNAMES: Final = words("""
    Smith Jones Brown Taylor Wilson Clark Lewis Walker Hall Young King Wright Green Baker Adams Nelson Hill Campbell
    Mitchell Carter Roberts Turner Phillips Parker Evans Edwards Collins Stewart Morris Rogers Reed Cook Morgan Bell
    Murphy Bailey Cooper Richardson Cox Howard Ward Peterson Gray Ramirez Garcia Lopez Martinez Silva Costa Rossi
    Moretti Weber Fischer Schmidt Novak Kowalski Petrov Ivanov Tanaka Sato Kim Park Lee Nguyen Patel Singh Khan
    Haddad Okafor Mensah Diallo Andersen Larsen Berg Dubois Laurent Moreau O'Brien Kelly Byrne Fraser Holm Lindqvist
""")
REAL_PLACES: Final = words("""
    London Paris Berlin Rome Madrid Vienna Oslo Dublin Lisbon Athens Moscow Tokyo Cairo Delhi Lagos Nairobi Sydney
    Chicago Boston Texas California Canada Mexico Brazil Peru Chile France Germany Italy Spain Norway Sweden Finland
    Poland Greece Turkey Egypt Kenya India China Japan Korea Australia Scotland Ireland Wales England Africa Europe
    Asia America Toronto Geneva Prague Warsaw Florida Iceland Portugal Vietnam Argentina Iran Israel Russia
""")
_ONSETS: Final = words("b br c ch d dr f fl g gr h j k kl l m n p pr r s sh st t th tr v w z")
_VOWELS: Final = words("a e i o u a e o ai ea ou")
_CODAS: Final = words("l n r s m th ck nd rt x t sk ll ng mp") + ("",) * 9
_PLACE_ENDS: Final = words("""
    ton ford ville burg land port mouth field dale stad ia by wick haven more ham bury grad pur shire
""")
_COMPASS: Final = words("New North South West East Port Lake Mount")
_ORG_ENDS: Final = words("""
    Group Bank Motors Airlines Systems University Foundation Institute Museum Hospital Press Times Records Energy
    Foods Railways Council United City Rovers College Society Agency Pictures Software Steel Stores Insurance
    Brothers Company Airport School Union Theatre
""")


def syllables(rng: Random, least: int, most: int) -> str:
    """A made-up word of `least` to `most` syllables, in lower case."""
    return "".join(
        rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(rng.randint(least, most))
    )


def first_name(rng: Random) -> tuple[str, str]:
    """A first name and its pronoun (`she` or `he`)."""
    return (rng.choice(FEMALE), "she") if rng.random() < 0.5 else (rng.choice(MALE), "he")


def surname(rng: Random) -> str:
    """A surname, one in seven made up."""
    return rng.choice(SURNAMES) if rng.random() < 0.86 else syllables(rng, 1, 3).capitalize()


def place(rng: Random) -> str:
    """The name of a town or country, one in four made up."""
    roll = rng.random()
    if roll < 0.75:
        return rng.choice(REAL_PLACES)
    name = (syllables(rng, 1, 2) + (rng.choice(_PLACE_ENDS) if roll < 0.93 else "")).capitalize()
    return f"{rng.choice(_COMPASS)} {name}" if roll > 0.97 else name


def organisation(rng: Random) -> str:
    """The name of a company, club or office."""
    stem = rng.choice((place, surname))(rng)
    return f"{stem} {rng.choice(_ORG_ENDS)}"


def title(rng: Random) -> str:
    """A made-up title of a work or a thing: one to three words in capitals."""
    return " ".join(syllables(rng, 1, 3).capitalize() for _ in range(rng.randint(1, 2)))
