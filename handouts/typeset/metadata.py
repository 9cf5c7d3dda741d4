"""What a file says of itself: that it is PDF/A-3a and PDF/UA-1, its title, whether its text is approved."""

from __future__ import annotations

from xml.sax.saxutils import escape

from handouts.model.pdf_syntax import text_string

TITLE = "slot:title"
"""Stands for the title until a document has one. Has to survive XML and PDF strings unchanged."""
PRODUCER = "handouts, with WeasyPrint"
PDF_UA = """<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>\
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Part of ISO 14289</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
"""That a file is PDF/UA-1, and the extension schema that PDF/A asks for where it says so."""
_HEAD = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" \
xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\
<rdf:Description rdf:about="" pdfaid:part="3" pdfaid:conformance="A"/>\
<rdf:Description rdf:about="" pdf:Producer="{producer}" pdf:Keywords="{keywords}"/>\
<rdf:Description rdf:about=""><dc:title><rdf:Alt><rdf:li xml:lang="x-default">"""
_TAIL = """</rdf:li></rdf:Alt></dc:title></rdf:Description>{ua}</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def xmp(keywords: str) -> tuple[bytes, bytes]:
    """The XMP packet before and after the title."""
    head = _HEAD.format(producer=PRODUCER, keywords=escape(keywords, {'"': "&quot;"}))
    return head.encode(), _TAIL.format(ua=PDF_UA).encode()


def info(keywords: str) -> tuple[bytes, bytes]:
    """The information dictionary before and after the title, which is a string in it; it says what the XMP says."""
    head = b"<</Producer%b/Keywords%b/Title" % (text_string(PRODUCER), text_string(keywords))
    return head, b">>"
