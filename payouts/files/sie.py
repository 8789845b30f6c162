"""Vouchers as SIE type 4I (the SIE group's format, edition 4C): text in code page 437 that books import. Pure."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from backend.kernel.money import plain_kronor

ENCODING = "cp437"
LINE_END = "\r\n"
# what the code page lacks and decomposing does not help
PLAIN = {
    "€": "EUR",
    "–": "-",
    "—": "-",
    "−": "-",
    "’": "'",
    "‘": "'",
    "”": '"',
    "“": '"',
    "…": "...",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
}


@dataclass(frozen=True, slots=True)
class VoucherRow:
    """A debit (above 0) or credit (below 0) in öre; `objects`: code by number of dimension."""

    account: str
    amount: int
    objects: Mapping[int, str]
    text: str


@dataclass(frozen=True, slots=True)
class Voucher:
    """Rows that come to nothing together, on one day. The receiving system numbers it in the series."""

    series: str
    on: date
    text: str
    rows: Sequence[VoucherRow]


@dataclass(frozen=True, slots=True)
class Books:
    """A whole file. `accounts` and `dimensions`: names by account and by number."""

    made_on: date
    organisation: str
    organisation_number: str
    accounts: Mapping[str, str]
    dimensions: Mapping[int, str]
    vouchers: Sequence[Voucher]


def write_books(books: Books) -> bytes:
    """The file. ValueError if a voucher does not balance."""
    lines = [
        "#FLAGGA 0",
        "#FORMAT PC8",
        "#SIETYP 4",
        '#PROGRAM "Utfall" "1"',
        f"#GEN {books.made_on:%Y%m%d}",
        f"#ORGNR {books.organisation_number}",
        f"#FNAMN {_quoted(books.organisation)}",
    ]
    used = {row.account for voucher in books.vouchers for row in voucher.rows}
    lines += [f"#KONTO {account} {_quoted(books.accounts.get(account, account))}" for account in sorted(used)]
    lines += [f"#DIM {number} {_quoted(name)}" for number, name in sorted(books.dimensions.items())]
    objects = {item for voucher in books.vouchers for row in voucher.rows for item in row.objects.items()}
    lines += [f"#OBJEKT {number} {_quoted(code)} {_quoted(code)}" for number, code in sorted(objects)]
    for voucher in books.vouchers:
        lines += _voucher(voucher)
    return "".join(line + LINE_END for line in lines).encode(ENCODING)


def _voucher(voucher: Voucher) -> list[str]:
    if sum(row.amount for row in voucher.rows):
        raise ValueError(f"voucher {voucher.text} does not balance")
    head = f'#VER {_quoted(voucher.series)} "" {voucher.on:%Y%m%d} {_quoted(voucher.text)}'
    return [head, "{", *map(_row, voucher.rows), "}"]


def _row(row: VoucherRow) -> str:
    objects = " ".join(f"{number} {_quoted(code)}" for number, code in sorted(row.objects.items()))
    return f'   #TRANS {row.account} {{{objects}}} {plain_kronor(row.amount)} "" {_quoted(row.text)}'


def _quoted(text: str) -> str:
    return '"' + in_code_page(text).replace('"', '\\"') + '"'


def in_code_page(text: str) -> str:
    """A text in signs that the code page has, without control characters: what it lacks is spelt with what it has."""
    return "".join(_sign(sign) for sign in unicodedata.normalize("NFC", text))


def _sign(sign: str) -> str:
    if sign.isspace():
        return " "
    for candidate in (sign, PLAIN.get(sign, ""), unicodedata.normalize("NFKD", sign)):
        plain = "".join(each for each in candidate if not unicodedata.combining(each)) if candidate != sign else sign
        if plain and _is_in_code_page(plain):
            return plain
    return "?"


def _is_in_code_page(text: str) -> bool:
    try:
        text.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return text.isprintable()
