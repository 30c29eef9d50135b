#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the names that a linker sees of all functions and variables that the headers of a folder declare, one a line.

    tests/declared_names.py FOLDER      FOLDER/NAME/*.h is included as <NAME/*.h>

clang parses the headers. Functions that are static in a header are left out: no library defines them.
"""
import json
import subprocess
import sys
from pathlib import Path


class Reader:
    """Walks clang's syntax tree. A location tells its file only where it is another one than that of the location
    before it, in the order of the text."""

    def __init__(self, folder):
        self.folder = folder
        self.file = ""
        self.names = set()

    def follow(self, node):
        """Keeps the file up to date."""
        if isinstance(node, list):
            for element in node:
                self.follow(element)
        elif isinstance(node, dict):
            if "offset" in node:
                self.file = node.get("file", self.file)
            for key, value in node.items():
                if key != "includedFrom":
                    self.follow(value)

    def declaration(self, node):
        self.follow(node.get("loc"))
        if self.folder in Path(self.file).parents and node["kind"] in ("FunctionDecl", "VarDecl") \
                and node.get("storageClass") != "static" and not node.get("isImplicit"):
            self.names.add(node["mangledName"])
        self.follow({key: value for key, value in node.items() if key != "loc"})


def main():
    folder = Path(sys.argv[1]).resolve()
    headers = sorted(path.relative_to(folder) for path in folder.glob("*/*.h"))
    text = "".join(f"#include <{header}>\n" for header in headers)
    command = ["clang", "-x", "c", "-std=c11", f"-I{folder}", "-fsyntax-only", "-Xclang", "-ast-dump=json", "-"]
    tree = json.loads(subprocess.run(command, input=text, stdout=subprocess.PIPE, text=True, check=True).stdout)
    reader = Reader(folder)
    for node in tree["inner"]:
        reader.declaration(node)
    print("\n".join(sorted(reader.names)))


if __name__ == "__main__":
    main()
