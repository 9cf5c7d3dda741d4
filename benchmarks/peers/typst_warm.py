"""Typst's incremental compiler, kept warm: details come in as ``sys.inputs``, all else is the same text each time.

Tags are written, as this version does by default. Tried and no faster: the details as a small main file, as a JSON
file, as an in-memory file. Most of a warm compilation is writing the PDF, which Typst does not memoize.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.job import Job
from benchmarks.peers import Missing
from benchmarks.peers.typst_markup import inputs, sources
from handouts.fonts.files import font_files
from handouts.model.details import Details
from handouts.model.request import Request


@contextmanager
def opened(job: Job, *, tags: bool = True) -> Iterator[Callable[[Request, Details], bytes]]:
    """One Compiler, fonts read once, our fonts only."""
    try:
        import typst
    except ImportError:
        raise Missing("typst is not installed (script/bootstrap bench)") from None
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, data in sources(job).items():
            (folder / name).write_bytes(data)
        (folder / "main.typ").write_text('#import "body.typ": handout\n#handout(sys.inputs)\n')
        fonts = typst.Fonts(False, False, [str(path) for path in sorted({path.parent for path in font_files()})])
        compiler = typst.Compiler(str(folder / "main.typ"), root=str(folder), font_paths=fonts)

        def make(_request: Request, details: Details) -> bytes:
            told = dict(inputs(details))
            return compiler.compile(format="pdf", sys_inputs=told, pdf_tags=tags)  # type: ignore[return-value]

        yield make
