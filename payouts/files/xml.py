"""XML from outside is read without entities, without the network, and only up to a size. Pure."""

from typing import Any

from lxml import etree

from backend.kernel.errors import gettext_noop, refuse, rule

XML_SIZE = rule("xml_size", gettext_noop("an XML file has at most {most} bytes"))
XML_FORM = rule("xml_form", gettext_noop("the file is not well-formed XML, or has a document type of its own"))

SIZE_MOST = 20 * 2**20

Element = Any  # of lxml, which has no types


def read_xml(content: bytes) -> Element:
    """The root element. DomainError if the file is too large, broken, or declares entities."""
    if len(content) > SIZE_MOST:
        raise refuse(XML_SIZE, field="file", value=len(content), most=SIZE_MOST)
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise refuse(XML_FORM, field="file", value=str(error)) from error
    if root.getroottree().docinfo.doctype:
        raise refuse(XML_FORM, field="file", value=root.getroottree().docinfo.doctype)
    return root


def text_at(element: Element, path: str) -> str:
    """The text at a path of names, whatever their namespace; empty if there is none."""
    found = element.find("/".join(f"{{*}}{name}" for name in path.split("/")))
    return (found.text or "").strip() if found is not None else ""


def all_at(element: Element, path: str) -> list[Element]:
    """All elements at a path of names, whatever their namespace."""
    return list(element.iterfind("/".join(f"{{*}}{name}" for name in path.split("/"))))
