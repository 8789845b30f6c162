"""Tables as files: what is written is what spreadsheet programs read, and what is read is text."""

import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook

from backend.kernel.errors import DomainError
from backend.kernel.sheets import Cell, Sheet, kronor, read_rows, write_csv, write_xlsx

ROWS: list[list[Cell]] = [
    ["Åsa", 12, kronor(-1_200_050), date(2026, 11, 25)],
    ["=1+1", 0, kronor(5), None],
]
SHEET = Sheet("Rader", ["namn", "antal", "belopp", "dag"], ROWS)


def csv_of(sheet: Sheet) -> bytes:
    file = io.BytesIO()
    write_csv(sheet, file)
    return file.getvalue()


def xlsx_of(*sheets: Sheet) -> io.BytesIO:
    file = io.BytesIO()
    write_xlsx(sheets, file)
    file.seek(0)
    return file


def test_kronor_are_exact() -> None:
    assert kronor(1) == Decimal("0.01")
    assert str(kronor(1_200_000)) == "12000.00"


def test_csv_opens_in_a_swedish_spreadsheet() -> None:
    assert csv_of(SHEET).decode("utf-8") == (
        "\ufeffnamn;antal;belopp;dag\r\nÅsa;12;-12000,50;2026-11-25\r\n'=1+1;0;0,05;\r\n"
    )


def test_a_workbook_keeps_numbers_days_and_texts_apart() -> None:
    page = load_workbook(xlsx_of(SHEET, Sheet("Två" * 20, ["a"], [])))["Rader"]
    assert [cell.value for cell in page[2]][:3] == ["Åsa", 12, -12000.5]
    assert [cell.number_format for cell in page[2]][2:] == ["#,##0.00", "yyyy-mm-dd"]
    assert (page["A3"].value, page["A3"].data_type) == ("=1+1", "s")
    assert page["A1"].font.bold
    assert page.freeze_panes == "A2"


def test_rows_are_written_one_by_one() -> None:
    """What a file holds may be larger than memory."""
    open_rows = 0

    def rows() -> Iterator[list[Cell]]:
        nonlocal open_rows
        for number in range(1000):
            open_rows += 1
            yield [number]

    class Counting(io.BytesIO):
        written_after = 0

        def write(self, data: object) -> int:
            self.written_after = self.written_after or open_rows
            return super().write(data)  # type: ignore[arg-type]

    file = Counting()
    write_csv(Sheet("x", ["n"], rows()), file)
    assert open_rows == 1000
    assert file.written_after < 1000


@pytest.mark.parametrize("text", ["a;b\n1;Å, Ä\n", "a\tb\n1\tÅ, Ä\n", '\ufeffa,b\n1,"Å, Ä"\n'])
def test_csv_is_read_whatever_separates_it(text: str) -> None:
    assert list(read_rows(io.BytesIO(text.encode()))) == [["a", "b"], ["1", "Å, Ä"]]


def test_a_workbook_is_read_as_text_without_empty_rows() -> None:
    workbook = Workbook()
    for row in (["id", "on"], [None, None], ["0012", date(2026, 3, 1)], [12.0, True], [1.5, " x "]):
        workbook.active.append(row)
    file = io.BytesIO()
    workbook.save(file)
    file.seek(0)
    assert list(read_rows(file)) == [["id", "on"], ["0012", "2026-03-01"], ["12", "true"], ["1.5", "x"]]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00a", b'a;b\n"1;2\n', b"PK\x03\x04 not a workbook"])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(DomainError) as refused:
        list(read_rows(io.BytesIO(content)))
    assert refused.value.breaches[0].rule.code == "sheet_kind"


def test_what_was_written_is_read_again() -> None:
    assert list(read_rows(io.BytesIO(csv_of(SHEET))))[1] == ["Åsa", "12", "-12000,50", "2026-11-25"]
    assert list(read_rows(xlsx_of(SHEET)))[1] == ["Åsa", "12", "-12000.5", "2026-11-25"]
