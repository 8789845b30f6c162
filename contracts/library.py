"""The ready payment models that stand in the repository, each with the scheme it comes from. Pure."""

from pathlib import Path

from backend.kernel.errors import gettext_noop, refuse, rule
from contracts.reading import read_model_file
from contracts.terms import PaymentModel

UNKNOWN = rule("model_not_in_library", gettext_noop("the library has no such model; it has: {known}"))

FOLDER = Path(__file__).parent / "library"


def codes() -> list[str]:
    """The codes of all ready models, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def library_model(code: str) -> PaymentModel:
    """The ready model with a code; DomainError names the known codes if there is none."""
    if code not in codes():
        raise refuse(UNKNOWN, field="model", value=code, known=", ".join(codes()))
    return read_model_file(FOLDER / f"{code}.toml")
