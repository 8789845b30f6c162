"""Documents as DOCX: a template of `templates/docx/`, filled in. What it asks for and nobody gives is an error."""

import io
from collections.abc import Mapping

from django.conf import settings
from docxtpl import DocxTemplate
from jinja2 import Environment, StrictUndefined

TEMPLATES = settings.BASE_DIR / "templates" / "docx"


def fill_document(template: str, values: Mapping[str, object]) -> bytes:
    """The document of a template with these values. Without escaping, one `&` would end it unseen."""
    document = DocxTemplate(TEMPLATES / template)
    document.render(dict(values), Environment(undefined=StrictUndefined, autoescape=True))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()
