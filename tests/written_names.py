"""A name server of the tests: names lead where the environment says, others nowhere.

A name with several addresses leads to the next one at each look-up, which is what rebinding is.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from twisted.internet import defer
from twisted.internet.error import DNSLookupError

from observer_crawler.connections import PublicResolver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twisted.internet.defer import Deferred

NAMES = "TEST_NAMES"


class WrittenNames(PublicResolver):
    """The project's resolver, with the look-up replaced and nothing else."""

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802
        table: dict[str, list[str]] = json.loads(os.environ[NAMES])
        if not (addresses := table.get(name)):
            return defer.fail(DNSLookupError(name))
        if len(addresses) > 1:
            os.environ[NAMES] = json.dumps({**table, name: addresses[1:]})
        return defer.succeed(addresses[0])
