"""What `startproject` writes down, as fast against the replica as our own crawls are in tests."""

BOT_NAME = "ordinary"
SPIDER_MODULES = ["ordinary.spiders"]
ROBOTSTXT_OBEY = True
DOWNLOAD_DELAY = 0.001
CONCURRENT_REQUESTS_PER_DOMAIN = 1
FEED_EXPORT_ENCODING = "utf-8"
