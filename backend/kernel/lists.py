"""Lists: a table with filters, sorting, pages, a choice of columns and export. All of it stands in the address."""

import io
from collections.abc import Iterator, Sequence
from html import unescape
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django_filters.views import FilterView
from django_tables2 import SingleTableMixin
from django_tables2.columns import BoundColumn
from django_tables2.rows import BoundRow

from backend.kernel.audit import record_bulk_event
from backend.kernel.sheets import CONTENT_TYPES, CSV, XLSX, Cell, Sheet, write_csv, write_xlsx
from backend.kernel.tables import Table
from backend.kernel.web import ROWS, Page, Text

READ_AT_ONCE = 2000  # rows, for a file
COLUMNS, EXPORT = "columns", "export"
SHOWN_BY = frozenset({COLUMNS, EXPORT, "page", "sort"})  # parameters that are no filters


class ListPage(Page, SingleTableMixin, FilterView):
    """A list of anything. Subclasses name `table_class`, `filterset_class`, `get_queryset`, and what the page is."""

    template_name = "components/list_page.html"
    paginate_by = ROWS
    strict = False  # a filter that can't be understood is told of, and the list is shown without it
    heading: ClassVar[Text] = ""
    lead: ClassVar[Text] = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        wanted = request.GET.get(EXPORT)
        if wanted in CONTENT_TYPES:
            address = request.get_full_path()
            record_bulk_event(
                by=self.reader, action="export", on=self.get_queryset().model, now=now(), later={"address": address}
            )
            return self._export(response.context_data["table"], wanted)
        return response

    def get_table(self, **kwargs: Any) -> Table:
        table = super().get_table(**kwargs)
        chosen = self.request.GET.getlist(COLUMNS)
        if chosen:
            for column in table.columns.all():
                table.columns.show(column.name) if column.name in chosen else table.columns.hide(column.name)
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        table: Table = context["table"]
        return context | {
            "heading": self.heading,
            "lead": self.lead,
            "main_action": self.main_action(),
            "all_columns": list(table.columns.all()),
            "is_filtered": bool(set(self.request.GET) - SHOWN_BY),
            "kinds": (CSV, XLSX),
        }

    def main_action(self) -> tuple[str, Text] | None:
        """The address and the words of the page's one main action, if the reader may do it."""
        return None

    def _export(self, table: Table, kind: str) -> HttpResponse:
        """All rows that the filters leave, with the columns that are shown, as a file."""
        columns = [column for column in table.columns if not column.column.exclude_from_export]
        sheet = Sheet(gettext(str(self.heading)), [str(column.header) for column in columns], _cells(table, columns))
        return sheet_response([sheet], f"{slugify(str(self.heading)) or 'utfall'}-{localdate():%Y-%m-%d}", kind)


def _cells(table: Table, columns: Sequence[BoundColumn]) -> Iterator[list[Cell]]:
    data = table.data.data
    records = data.iterator(READ_AT_ONCE) if isinstance(data, QuerySet) else data
    for record in records:
        row = BoundRow(record, table)
        yield [_plain(row.get_cell_value(column.name)) for column in columns]


def _plain(value: Any) -> Cell:
    """A cell of a file from that of a page."""
    return unescape(strip_tags(value)).strip() if isinstance(value, SafeString) else value


def sheet_response(sheets: Sequence[Sheet], name: str, kind: str) -> HttpResponse:
    """Sheets as a file to download; CSV holds the first one only."""
    file = io.BytesIO()
    write_csv(sheets[0], file) if kind == CSV else write_xlsx(sheets, file)
    response = HttpResponse(file.getvalue(), content_type=CONTENT_TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response
