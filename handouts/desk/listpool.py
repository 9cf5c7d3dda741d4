"""Where the sheets of a list are made: by the desk's own workers, with their limits, and each once whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from handouts.batch.messages import Bound, Setup
from handouts.batch.pool import InlinePool
from handouts.batch.worker import OtherContent, bind_for, prepared_for
from handouts.desk.preview import PATIENCE
from handouts.desk.sheetstore import SheetStore
from handouts.errors import HandoutError, SystemMissing
from handouts.lists.row import Row, one_line
from handouts.pipeline import stack_of
from handouts.typeset.stack import bind_sheets


class ListPool(InlinePool):
    """Rows are stamped here, which takes a millisecond each; WeasyPrint works in ``sheets``' processes."""

    def __init__(self, sheets: SheetStore) -> None:
        self.sheets = sheets

    def submit(self, work: Callable[..., Any], *values: Any) -> Future[Any]:
        """Do it now."""
        return super().submit(self._bind if work is bind_for else work, *values)

    def _bind(self, setup: Setup, row: Row) -> Bound:
        """What `bind_for` does, with sheets that others have made."""
        try:
            library, prepared = prepared_for(setup, row)
            plan = prepared.plan
            self.sheets.begin(library, prepared.handout, plan)
            self.sheets.wait_for(plan, dict(plan.sheets), PATIENCE)
            found = [sheet for key in plan.keys if (sheet := self.sheets.get(key))]
            if len(found) < len(plan.keys):
                return Bound(fault="its pages took too long to set; try again")
            return Bound(bind_sheets(found, plan.binding), prepared.origin, stack_of(library, plan, found))
        except (OtherContent, SystemMissing):
            raise
        except HandoutError as error:
            return Bound(fault=one_line(error))
