"""Whom a site names in its robots.txt when it means the training of AI.

Crawlers that fetch for people who ask, or for a search alone, are not among them.
"""

from __future__ import annotations

# Crawlers that gather for training, and tokens that stand for nothing else, as they are written in
# small letters; each with what its operator says of it, and where.
TRAINING = frozenset(
    (
        "gptbot",  # "training our generative AI foundation models": platform.openai.com/docs/bots
        "claudebot",  # content that may go into training: support.claude.com, article 8896518
        "anthropic-ai",  # Anthropic's name of before; no page of its own any more
        "ccbot",  # Common Crawl, an open crawl that models are trained on: commoncrawl.org/ccbot
        "google-extended",  # a token: training of Gemini; developers.google.com/crawling
        "applebot-extended",  # a token: training of Apple's models; support.apple.com/119829
        "bytespider",  # ByteDance, without a page; gathers for its models
        "meta-externalagent",  # "training AI models": developers.facebook.com, web crawlers
        "facebookbot",  # language models for speech: developers.facebook.com/docs/sharing/bot
        "amazonbot",  # "may be used to train Amazon AI models": developer.amazon.com/amazonbot
        "cohere-ai",  # Cohere, without a page
        "cohere-training-data-crawler",  # Cohere: what the name says
        "diffbot",  # data of the web for those who buy it, training among it: docs.diffbot.com
        "ai2bot",  # "to train open language models": allenai.org/crawler
        "ai2bot-dolma",  # the same, for the set Dolma
        "webzio-extended",  # a token: sale for the training of AI; webz.io/bot.html
    )
)
