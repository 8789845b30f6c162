"""A page with one list: filtered, sorted, paged, with the columns of one's choice, and as a file.

All that is chosen stands in the address, so that it survives paging and can be sent to a colleague.
"""

import tempfile
from typing import Any

from django.db.models import Model, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.timezone import localdate, now
from django.views.generic import TemplateView
from django_filters import FilterSet
from django_tables2 import RequestConfig

from backend.kernel.audit import record_bulk_event
from backend.kernel.sheets import CONTENT_TYPES, CSV, Sheet, write_csv, write_xlsx
from backend.kernel.tables import Table
from backend.kernel.web import Page

ROWS = 50
FORMAT, COLUMNS = "format", "columns"


class ListPage(Page, TemplateView):
    """A list of rows. A subclass names its roles, heading, table and rows; filters if it has some.

    A list as a file leaves an audit event, as it leaves the house.
    """

    template_name = "kernel/list_page.html"
    table_class: type[Table]
    filter_class: type[FilterSet] | None = None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.GET.get(FORMAT) in CONTENT_TYPES:
            return self.as_file(request.GET[FORMAT])
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        """All rows that the reader may see, in their usual order."""
        raise NotImplementedError

    @cached_property
    def filters(self) -> FilterSet | None:
        if self.filter_class is None:
            return None
        return self.filter_class(self.request.GET, queryset=self.get_queryset(), request=self.request)

    def make_table(self, found: QuerySet[Any]) -> Table:
        return self.table_class(found)

    def list_table(self, *, paged: bool) -> Table:
        table = self.make_table(self.filters.qs if self.filters else self.get_queryset())
        table.choose(self.request.GET.getlist(COLUMNS))
        paginate: Any = {"per_page": ROWS} if paged else False
        return RequestConfig(self.request, paginate=paginate).configure(table)

    @property
    def is_filtered(self) -> bool:
        return self.filters is not None and any(self.request.GET.get(name) for name in self.filters.form.fields)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = self.filters.form if self.filters else None
        return super().get_context_data(table=self.list_table(paged=True), filter=form, **kwargs)

    def as_file(self, kind: str) -> HttpResponse | FileResponse:
        table = self.list_table(paged=False)
        record_bulk_event(
            by=self.reader, action="export", on=self._model, now=now(), later={"address": self.request.get_full_path()}
        )
        return file_response(table.sheet(), kind)

    @property
    def _model(self) -> type[Model]:
        return self.get_queryset().model


def file_response(sheet: Sheet, kind: str) -> FileResponse:
    """A table as a file to be saved, written to disk first, so that its size does not matter."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the response closes it
    if kind == CSV:
        write_csv(sheet, file)
    else:
        write_xlsx([sheet], file)
    file.seek(0)
    name = f"{slugify(sheet.title) or 'utfall'}-{localdate().isoformat()}.{kind}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPES[kind])
