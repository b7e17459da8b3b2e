"""A copy of the newspaper's site for the demo and the tests: three markups, three skins each.

It is the outside world: it is written from what is known of the site alone, imports nothing of
the house, and what it says about its own pages (`facts`) comes from the model that the pages are
drawn from, not from reading them back.
"""

from observer_crawler.replica.options import Options, OptionsError
from observer_crawler.replica.page import Page
from observer_crawler.replica.replica import Replica
from observer_crawler.replica.server import Access, Server, serve

__all__ = ["Access", "Options", "OptionsError", "Page", "Replica", "Server", "serve"]
