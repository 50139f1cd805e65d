#!/usr/bin/env python3
"""Writes a wheel anew with the smallest form of its compression, which every unpacker reads.

usage: squeeze_wheel.py WHEEL OUTPUT        (needs zopfli)
"""

import struct
import sys
import zipfile
import zlib

import zopfli.zopfli


def compressed(content):
    """A raw deflate stream: Zopfli's where that is smaller."""
    plain = zlib.compressobj(9, zlib.DEFLATED, -15)
    best = plain.compress(content) + plain.flush()
    # A zlib stream is a header of two bytes, the raw one, and a checksum of four.
    tried = zopfli.zopfli.compress(content, numiterations=1)[2:-4]
    return min(best, tried, key=len)


def main():
    """Copies each entry, its name, time and mode."""
    source, target = sys.argv[1:3]
    with zipfile.ZipFile(source) as wheel, open(target, "wb") as output:
        directory, entries = b"", wheel.infolist()
        for entry in entries:
            content = wheel.read(entry)
            data, method = compressed(content), zipfile.ZIP_DEFLATED
            if len(data) >= len(content):
                data, method = content, zipfile.ZIP_STORED
            year, month, day, hour, minute, second = entry.date_time
            date, time = (year - 1980) << 9 | month << 5 | day, hour << 11 | minute << 5 | second // 2
            name = entry.filename.encode("utf-8")
            common = struct.pack("<HHHHHIIIHH", 20, 0x800, method, time, date, zlib.crc32(content), len(data), len(content), len(name), 0)
            offset = output.tell()
            output.write(b"PK\3\4" + common + name + data)
            directory += (
                b"PK\1\2" + struct.pack("<H", 3 << 8 | 20) + common + struct.pack("<HHHII", 0, 0, 0, entry.external_attr, offset) + name
            )
        place = output.tell()
        output.write(directory + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(directory), place, 0))
    with zipfile.ZipFile(target) as wheel:
        assert wheel.testzip() is None and wheel.namelist() == [entry.filename for entry in entries]


if __name__ == "__main__":
    main()
