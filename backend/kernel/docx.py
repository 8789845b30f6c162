"""Documents from DOCX templates, many of them: a template is read and compiled once, then only text is put in.

docxtpl opens the file, cleans it and writes every part anew for each document. Here its cleaning happens once; for each
document the body and the headings are rendered and packed with the other parts as they are. What a template asks for
and nobody gives is an error, and texts are escaped: an `&` would end the document unseen.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from django.conf import settings
from docxtpl import DocxTemplate
from jinja2 import Environment, StrictUndefined

TEMPLATES = settings.BASE_DIR / "templates" / "docx"
BODY = "word/document.xml"
HEADING = re.compile(r"word/(header|footer)[0-9]*\.xml")
FAST = 1  # of zlib: documents are small
BEGUN = (1980, 1, 1, 0, 0, 0)  # the same document has the same bytes


class CompiledTemplate:
    """A template whose body and headings hold Jinja's and docxtpl's tags; pictures go by their file's name."""

    def __init__(self, path: Path):
        template = DocxTemplate(path)
        template.init_docx()
        cleaned = template.patch_xml(template.get_xml())
        with zipfile.ZipFile(path) as parts:
            self.parts = {name: parts.read(name) for name in parts.namelist()}
        whole = self.parts.pop(BODY).decode()
        start, end = whole.index("<w:body"), whole.index("</w:body>")
        body = cleaned[cleaned.index("<w:body") : cleaned.index("</w:body>")]
        opening = body[: body.index(">") + 1]
        source = whole[:start] + "<w:body>" + body[len(opening) :] + whole[end:]
        headings = [name for name, content in self.parts.items() if HEADING.fullmatch(name) and b"{{" in content]
        sources = {name: template.patch_xml(self.parts.pop(name).decode()) for name in headings} | {BODY: source}
        jinja = Environment(undefined=StrictUndefined, autoescape=True)
        self.texts = {name: jinja.from_string(text) for name, text in sources.items()}

    def fill(self, values: Mapping[str, object], pictures: Mapping[str, bytes] | None = None) -> bytes:
        """The document with these values; `pictures` by the name of the file that they take the place of."""
        replaced = self.parts | {f"word/media/{name}": content for name, content in (pictures or {}).items()}
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as document:
            for name, content in replaced.items():
                packing = zipfile.ZIP_STORED if name.startswith("word/media/") else zipfile.ZIP_DEFLATED
                document.writestr(zipfile.ZipInfo(name, BEGUN), content, packing, FAST)
            for name, text in self.texts.items():
                document.writestr(zipfile.ZipInfo(name, BEGUN), text.render(values), zipfile.ZIP_DEFLATED, FAST)
        return file.getvalue()


@cache
def compiled(name: str) -> CompiledTemplate:
    """A template of templates/docx/."""
    return CompiledTemplate(TEMPLATES / name)
