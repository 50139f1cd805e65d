"""Checks onyx-serve from outside. usage: check.py PROGRAMS [CHECK…]

Each function check_… of the modules beside this one is one check.
"""

import sys
import time

import life
import requests_and_answers


def main():
    functions = {**vars(requests_and_answers), **vars(life)}
    checks = {name.removeprefix("check_"): function for name, function in functions.items() if name.startswith("check_")}
    for name in sys.argv[2:] or checks:
        began = time.monotonic()
        checks[name]()
        print(f"{name}: {checks[name].__doc__.splitlines()[0]} ({time.monotonic() - began:.1f} s)", flush=True)


main()
