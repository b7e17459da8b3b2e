"""The weight of a real page that says nothing: style sheets, counters, advert machinery."""

from functools import lru_cache

_RULE = ".{name}{{margin:{a}px {b}px;padding:{b}px;color:#{c:03x};font-size:{d}px;float:left}}"
_PARTS = (
    *("menu", "sub", "tick", "lead", "more", "side", "foot", "card", "thumb", "ad", "hot"),
    *("poll", "vid", "gal", "wea", "pray", "ser", "log", "soc", "tab"),
)
_SLOT = (
    'adQueue.push(function(){{adService.defineSlot("/10{a}/replica_{name}_{b}",'
    '[[{w},{h}],[300,250]],"slot-{name}-{b}").setTargeting("pos","{name}").addService(1);}});'
)
_COUNTER = (
    "(function(w,d,n){{w[n]=w[n]||[];w[n].push({{t:+new Date(),e:'{name}{a}'}});"
    "var s=d.createElement('script');s.async=!0;s.setAttribute('data-part','{name}');"
    "if(w.innerWidth<{w}&&w.location.search.indexOf('full')<0){{s.defer=!0}}}})"
    "(window,document,'q{a}');"
)


@lru_cache(maxsize=4)
def style(salt: int) -> str:
    """Return about 8 KB of style rules."""
    return "\n".join(
        _RULE.format(
            name=f"{name}{salt}{n}", a=n + salt, b=n * 2, c=(n * 331 + salt) % 4096, d=10 + n
        )
        for name in _PARTS
        for n in range(7)
    )


@lru_cache(maxsize=4)
def script(salt: int) -> str:
    """Return about 28 KB of advert slots and counters."""
    slots = [
        _SLOT.format(name=name, a=salt * 17 + n, b=n, w=300 + 20 * n, h=90 + 10 * n)
        for name in _PARTS
        for n in range(7)
    ]
    counters = [
        _COUNTER.format(name=name, a=n, w=480 + 32 * n) for name in _PARTS for n in range(2)
    ]
    return "\n".join(["var adQueue=adQueue||[];", *slots, *counters])
