"""The one door of extraction: `read_page(body, url, content_type=None)`."""
