"""A project as `scrapy startproject` and the tutorial lead to, to compare with."""
