"""Documents that come from outside: what they are by their content, whatever their name says. Pure."""

import hashlib
import io
import re
import zipfile
from dataclasses import dataclass

from backend.kernel.errors import gettext_noop, refuse, rule

UPLOAD_KIND = rule("upload_kind", gettext_noop("a document is a PDF, DOCX, PNG or JPEG file, and its name says which"))
UPLOAD_SIZE = rule("upload_size", gettext_noop("a document has 1 byte to {most} megabytes"))
UPLOAD_ACTIVE = rule(
    "upload_active", gettext_noop("a document has no scripts, macros or files inside; save it without them")
)
UPLOAD_NAME = rule(
    "upload_name", gettext_noop("a file's name has 1 to 200 characters, none of them a control character")
)

MEGABYTES_MOST = 10
UNPACKED_MOST = 100 * 2**20  # bytes, of a DOCX
KINDS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "png": "image/png",
    "jpeg": "image/jpeg",
}
_ENDINGS = {"pdf": "pdf", "docx": "docx", "png": "png", "jpg": "jpeg", "jpeg": "jpeg"}
_ACTIVE_PDF = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia)\b")
_ACTIVE_DOCX = re.compile(r"vbaProject|embeddings/|activeX/")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Upload:
    """A document that was let in: `kind` is a key of KINDS, `digest` the SHA-256 of the content."""

    name: str
    kind: str
    content: bytes
    digest: str


def checked_upload(name: str, content: bytes) -> Upload:
    """The document, or a DomainError that says what is wrong with it."""
    name = name.strip()
    if not 1 <= len(name) <= 200 or _CONTROLS.search(name):
        raise refuse(UPLOAD_NAME, field="file", value=name)
    if not 1 <= len(content) <= MEGABYTES_MOST * 2**20:
        raise refuse(UPLOAD_SIZE, field="file", value=name, most=MEGABYTES_MOST)
    kind = _ENDINGS.get(name.rpartition(".")[2].lower(), "")
    if not kind or kind != _kind_of(content):
        raise refuse(UPLOAD_KIND, field="file", value=name)
    if _is_active(kind, content):
        raise refuse(UPLOAD_ACTIVE, field="file", value=name)
    return Upload(name, kind, content, hashlib.sha256(content).hexdigest())


def _kind_of(content: bytes) -> str:
    """What a file is by its first and last bytes; nothing for what is unknown or broken off."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return "pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n") and b"IEND" in content[-16:]:
        return "png"
    if content.startswith(b"\xff\xd8\xff") and content.rstrip(b"\x00").endswith(b"\xff\xd9"):
        return "jpeg"
    return "docx" if "word/document.xml" in _members(content) else ""


def _members(content: bytes) -> dict[str, int]:
    """The names and unpacked sizes of what is in a ZIP file; none of what is no such file."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {info.filename: info.file_size for info in archive.infolist()}
    except (zipfile.BadZipFile, ValueError):
        return {}


def _is_active(kind: str, content: bytes) -> bool:
    if kind == "pdf":
        return bool(_ACTIVE_PDF.search(content))
    members = _members(content) if kind == "docx" else {}
    return sum(members.values()) > UNPACKED_MOST or any(_ACTIVE_DOCX.search(name) for name in members)
