"""What pages are made of, and what nobody meant them to be made of."""

from __future__ import annotations

SCRAPS = (
    *(b"<div id=f>", b"<div id=toPrint>", b"<div id='newsDtl'>", b"<div class=detail_heading>"),
    *(b"<h1>", b"</h1>", b"<h1>A boat comes home</h1>", b"<h2>x", b"</div>", b"<p>", b"</p>", b"<br>"),
    *(b"<table><tr><td>", b"</table>", b"<ul><li>", b"<span>", b"</span>", b"<div class=pub>"),
    *(b"<a href='/news/1'>", b"<a href='//'>x</a>", b"<a href='http://[bad'>x</a>", b"</a>"),
    *(b"<a href='http://host:99999/'>x</a>", b"<a href='\\\\news\\1'>x</a>", b"<a href='?id=2'>x"),
    *(b"<a href='/news/\xd9\xa3'>x</a>", b"<a href='http://b\xc3\xbccher.example/'>x</a>"),
    *(b"<a href='&#xD800;'>x</a>", b"<a href='/author/%ED%A0%80'>x</a>", b"<a href='java\nscript:1'>"),
    *(b"<a href='http://www.observerbd.com:80/news/2'>x</a>", b"<a href='news.php?id=3'>One</a>"),
    *(b"<a href='http://\xe2\x80\xae.example/'>x</a>", b"<a href='http://1.2.3.4.5.6/'>x</a>"),
    *(b"<base href='http://[bad'>", b"<base href='data:x'>", b"<base href='//'>", b"<base href=/x/>"),
    *(b"<img src='/2022/06/15/1655316420.jpg' alt='A boat'>", b"<img src='/2022/06/15/1655316420..jpg'>"),
    *(b"<img data-src='/2022/06/15/ob_1655316421.jpg'>", b"<iframe src=x>", b"<ins></ins>"),
    *(b"<script>1</script>", b"<script>", b"<style>", b"<!-- x -->", b"<!--", b"<![CDATA[x]]>"),
    *(b"<textarea>", b"<title>", b"<select>", b"<svg><a xlink:href=x>", b"<math>", b"<template>"),
    *(b"<?xml version='1.0' encoding='utf-16'?>", b"<!DOCTYPE html>", b"<frameset><frame src=x>"),
    *(b"<o:p>", b"<meta charset=utf-16>", b"<meta charset=big5>", b"<html><body>", b"</body></html>"),
    *(b"<title>Just a moment...</title>", b"<title>A boat comes home</title>"),
    *(b"<meta property=og:image content=/2022/06/15/1655316420.jpg>", b"<meta name=description content=x>"),
    b"Published : Thursday, 16 June, 2022 at 12:00 AM  Count : 155",
    b"Published : 2022-06-16 25:61",
    b"Published : 31 February, 0000",
    "প্রকাশ : বৃহস্পতিবার, ১৬ জুন, ২০২২".encode(),
    *(b"Published :", b"Count : 1", b"Count : 9,99,,9", b"<b>Home</b> Sports", b"Home", b"Home &raquo; x"),
    *(b"&laquo; Previous", b"Next &raquo;", b"<h3>Latest News</h3>", b"<h3>You Might Also Like</h3>"),
    *(b"<h3>Most Read News</h3>", b"Related Topics   a   b", b"Advertisement", b"Editor : One"),
    *(b"DHAKA, June 15: ", b"A, B, C, Feb 29: ", b"    -AFP", b"\xe2\x80\x94 AFP", b" SR ", b"Dear Sir, "),
    *(b"Photo: AFP", b"photo : pid", b"subscribe to read", b"404 not found", b"page not found"),
    *(b"\x00", b"\xff\xfe", b"\x96", b"&#0;&#x110000;&nbsp;", b"&#xD83D;&#xDE00;", b"&amp;#39;"),
    *(b"&#x202e;", b"&#8203;", b"&zwj;", b"&#1;", b"&#x85;", b"&#x2028;", b"&#xfeff;", b"&", b"&lt", b"&;"),
    *("খবর।".encode(), "আ\u09cd\u09b0\u09bc".encode(), "e\u0301\u0301\u0323".encode(), "\u202eabc".encode()),
    *(b"some words of a story", b"It ends here. ", b"\n", b"   ", b"\t", b"<", b">", b"<<p>", b"<p/>", b"</"),
    *("\u0130\u0131\ufb01\u1e9e".encode(), "\uff1a\u2126".encode(), "\xa0".encode(), "\u3000".encode()),
)
OPENINGS = tuple(
    f"<{tag}>".encode()
    for tag in (
        "div",
        "span",
        "p",
        "table><tr><td",
        "ul><li",
        "a href=/news/1",
        "b",
        "font",
        "div id=f",
        "h1",
        "ins",
        "iframe",
        "select",
        "svg",
        "object",
        "section",
        "center",
        "br",
    )
)
ATTRIBUTES = (
    *(b" id=f", b" id=toPrint", b" id=newsDtl", b" class=pub", b" class='detail_heading'", b" class=location"),
    *(b" class=inner", b" style='font-size: 20px; color: #545353'", b" hidden", b" id=''", b" class='\x00'"),
    *(b" href=/news/1", b" href='/news/370580'", b" href=//", b" href='https://[::1'", b" href='?id=1'"),
    *(b" src='/2022/06/15/1655316420.jpg'", b" src=x", b" alt='A boat'", b" title=''", b" content=x"),
    *(b" data-src='/2022/06/15/1655316429.jpg'", b" x=", b" '", b' "', b" href='&#xD800;'", b" color=#666666"),
)
CHARSETS = (
    *("utf-8", "utf-16", "utf-16-be", "utf-32", "utf-7", "iso-8859-1", "windows-1252", "big5", "gb18030"),
    *("koi8-r", "shift_jis", "iso2022_jp", "x-user-defined", "nonsense", "", "\x00", "hex", "idna", "rot13"),
)
