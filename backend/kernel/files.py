"""Stored files, to save."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def file_response(content: bytes, name: str, kind: str) -> HttpResponse:
    """A file to save under a name; a browser neither guesses its kind nor shows it."""
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
