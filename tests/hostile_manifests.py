#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests that `vmwire replay` does no harm with a manifest that comes from anybody.

Each hostile manifest must be an error: exit status 2, nothing printed, one line that names the manifest, the entry and the
option. No QEMU may start: the program of --qemu is a script that notes how it is started, then the real QEMU. Nothing
outside of the folder may change or be read. Every check prints `ok NAME`, or `not ok NAME` and why.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VMWIRE = Path(os.environ.get("VMWIRE", ROOT / "build/vmwire")).resolve()
STREAM = ROOT / "corpus/streams/bookworm-microvm.vmstate"
QEMU = "qemu-system-x86_64"
SAFE = ["-machine", "microvm", "-accel", "tcg", "-rtc", "base=2011-10-01,clock=vm", "-S", "-display", "none", "-nodefaults",
        "-m", "8", "-qmp", "stdio"]
failed = []

# Options behind a command that is harmless, and the part that the error names. CANARY is a file outside of the folder, NEW
# one that is not there, FIFO a pipe in which nobody may look.
HOSTILE_OPTIONS = [line.split() for line in """
-chardev file,id=c,path=NEW                                 file
-chardev pipe,id=c,path=FIFO                                pipe
-chardev socket,id=c,path=NEW,server=on,wait=off            socket
-chardev null,id=c,logfile=NEW                              logfile=NEW
-chardev null,id=c,,logfile=NEW                             ""
-netdev user,id=n,hostfwd=tcp::5555-:22                     user
-netdev tap,id=n,script=PROGRAM                             tap
-netdev socket,id=n,listen=:5555                            socket
-netdev hubport,id=n,hubid=0,netdev=x                       netdev=x
-netdev {"type":"user","id":"n"}                            {"type":"user"
-nic user,smb=CANARY                                        user
-net user                                                   user
-net none,x=/                                               x=/
-drive file=CANARY,if=virtio                                -drive
-hda CANARY                                                 -hda
-cdrom CANARY                                               -cdrom
-blockdev file,node-name=d,filename=CANARY                  file
-blockdev driver=file,node-name=d,filename=CANARY           driver=file
-blockdev null-co,driver=file,node-name=d,filename=CANARY   driver=file
-blockdev {"driver":"file","filename":"CANARY"}             {"driver":"file"
-kernel CANARY                                              -kernel
-initrd CANARY                                              -initrd
-dtb CANARY                                                 -dtb
-bios CANARY                                                CANARY
-pflash CANARY                                              -pflash
-L PLACE                                                    -L
-option-rom CANARY                                          -option-rom
-device loader,file=CANARY                                  file=CANARY
-device loader,addr=0,,file=CANARY                          ""
-device virtio-net-pci,romfile=CANARY                       romfile=CANARY
-device virtio-net-pci,romfile=relative                     romfile=relative
-device vfio-pci,host=00:00.0                               vfio-pci
-device usb-host,hostbus=1                                  usb-host
-device usb-mtp,rootdir=PLACE                               usb-mtp
-device vhost-vsock-pci,guest-cid=3                         vhost-vsock-pci
-device virtio-gpu-gl-pci                                   virtio-gpu-gl-pci
-device ivshmem-doorbell,chardev=c                          ivshmem-doorbell
-device u2f-emulated,dir=PLACE                              u2f-emulated
-device ipmi-bmc-sim,id=b,sdrfile=CANARY                    sdrfile=CANARY
-device {"driver":"loader","file":"CANARY"}                 {"driver":"loader"
-device pvpanic,driver=loader                               driver=loader
-device help                                                help
--device loader,file=CANARY                                 file=CANARY
-fsdev local,id=f,path=PLACE,security_model=none            -fsdev
-virtfs local,path=PLACE,mount_tag=m,security_model=none    -virtfs
-object memory-backend-file,id=m,size=1M,mem-path=NEW       memory-backend-file
-object memory-backend-ram,id=m,size=1M,qom-type=secret     qom-type=secret
-object qom-type=secret,id=s,file=CANARY                    qom-type=secret
-object {"qom-type":"secret","id":"s","file":"CANARY"}      {"qom-type":"secret"
-object secret,id=s,file=CANARY                             secret
-object rng-random,id=r,filename=FIFO                       rng-random
-object input-linux,id=i,evdev=FIFO                         input-linux
-object filter-dump,id=f,netdev=n,file=NEW                  filter-dump
-object tls-creds-x509,id=t,dir=PLACE,endpoint=server       tls-creds-x509
-object authz-list-file,id=a,filename=CANARY                authz-list-file
-object colo-compare,id=c                                   colo-compare
-machine pc,dumpdtb=NEW                                     dumpdtb=NEW
-machine pc,firmware=CANARY                                 firmware=CANARY
-machine pc,kernel=CANARY                                   kernel=CANARY
-machine pc,accel=kvm                                       accel=kvm
-machine {"type":"pc"}                                      {"type":"pc"}
-M pc,dtb=CANARY                                            dtb=CANARY
-accel kvm                                                  kvm
-serial file:NEW                                            file:NEW
-serial tcp::5555,server=on                                 tcp::5555
-serial unix:NEW,server=on                                  unix:NEW
-parallel pipe:FIFO                                         pipe:FIFO
-monitor unix:NEW,server=on                                 unix:NEW
-qmp unix:NEW,server=on                                     unix:NEW
-gdb tcp::1234                                              -gdb
-s                                                          -s
-incoming exec:PROGRAM                                      -incoming
-readconfig CANARY                                          -readconfig
-writeconfig NEW                                            -writeconfig
-set device.x.file=CANARY                                   -set
-global driver.file=CANARY                                  driver.file=CANARY
-global driver=loader,property=file,value=CANARY            driver=loader
-global virtio-net-pci.romfile=CANARY                       virtio-net-pci.romfile=CANARY
-global vfio-pci.x-no-mmap=on                               vfio-pci.x-no-mmap=on
-D NEW                                                      -D
-d exec                                                     -d
-trace events=CANARY                                        -trace
-plugin CANARY                                              -plugin
-pidfile NEW                                                -pidfile
-chroot PLACE                                               -chroot
-runas nobody                                               -runas
-sandbox off                                                -sandbox
-daemonize                                                  -daemonize
-smbios file=CANARY                                         -smbios
-acpitable file=CANARY                                      -acpitable
-fw_cfg name=opt/x,file=CANARY                              -fw_cfg
-spice port=5555                                            -spice
-vnc unix:NEW                                               -vnc
-display vnc=:1                                             vnc=:1
-audiodev wav,id=a,path=NEW                                 wav
-tpmdev passthrough,id=t,path=FIFO                          -tpmdev
-mem-path PLACE                                             -mem-path
-semihosting                                                -semihosting
-icount shift=1,rr=record,rrfile=NEW                        rr=record
-add-fd fd=0,set=1                                          -add-fd
-dump-vmstate NEW                                           -dump-vmstate
-loadvm x                                                   -loadvm
-machine=pc                                                 -machine=pc
-m=8                                                        -m=8
-smp -hda                                                   -hda
-m                                                          -m
CANARY                                                      CANARY
@CANARY                                                     @CANARY
-cpu max,x=/etc                                             x=/etc
""".strip().splitlines()]

# Statements on `entry`, and a text of the error.
HOSTILE_FILES = [line.split("|") for line in """
a file by its absolute path|entry["file"] = CANARY|file "CANARY" is outside
a file one step up|entry["file"] = "../canary"|file "../canary" is outside
a file by a step up in the middle|entry["file"] = "inner/../../canary"|is outside
a file through a link|link("link", CANARY); entry["file"] = "link"|is a link, or behind one
a file through a link to a folder|link("away", PLACE); entry["file"] = "away/canary"|is a link, or behind one
a file through two links|link("one", "two"); link("two", CANARY); entry["file"] = "one"|is a link, or behind one
a link within the folder|link("inner", "stream"); entry["file"] = "inner"|is a link, or behind one
a pipe|os.mkfifo(folder / "pipe"); entry["file"] = "pipe"|"pipe" is no regular file
a folder|os.mkdir(folder / "inside"); entry["file"] = "inside"|"inside" is no regular file
a device|link("device", "/dev/zero"); entry["file"] = "device"|is a link, or behind one
an original by its absolute path|entry["original"] = CANARY|original "CANARY" is outside
an original one step up|entry["original"] = "../canary"|is outside
an original that is a pipe outside|entry["original"] = FIFO|is outside
a schema by its absolute path|entry["schemas"] = [CANARY]|schema "CANARY" is outside
a schema one step up|entry["schemas"] = ["../canary"]|is outside
a schema behind that of the corpus|entry["schemas"] = ["../schemas/../canary"]|is outside
a schema through a link beside|link("../schemas/link", CANARY); entry["schemas"] = ["../schemas/link"]|is a link
a folder of schemas that is a link|os.rmdir(folder / "../schemas"); link("../schemas", PLACE); entry["schemas"] = ["../schemas/canary"]|is a link
a schema that is a link within the folder|link("inner", "stream"); entry["file"] = "inner"|is a link, or behind one
a pipe|os.mkfifo(folder / "pipe"); entry["schemas"] = ["pipe"]|is no regular file
a capability that runs the guest|entry["capabilities"] = ["x-colo"]|capability "x-colo" is not allowed
""".strip().splitlines()]

# Values that real captures have, or that are as harmless: the script starts.
HARMLESS = [line.split() for line in """
-device loader,addr=0x80000000,data=1,data-len=8
-device virtio-net-pci,netdev=n0,romfile=,bus=p0
-device virtio-balloon-pci-transitional
--device pvpanic
-netdev hubport,id=n0,hubid=0
-blockdev null-co,node-name=d0,size=1048576
-object memory-backend-ram,id=m0,size=64K
-chardev null,id=c0
-serial chardev:c0
-audiodev none,id=a0
-global spapr-pci-host-bridge.dma_win_size=0x1000000
-cpu max,+avx,-x2apic,level=7
-smp cores=2,threads=1
-m size=16M,slots=1,maxmem=2G
-uuid 05087061-7274-4105-8870-617274050870
-no-user-config
""".strip().splitlines()]

LOGGER = """#!/bin/sh
printf '%s\\n' "$* in $(pwd) with sound $QEMU_AUDIO_DRV" >>"{log}"
exec {qemu} "$@"
"""


def result(name, right, why=""):
    print(f"ok {name}" if right else f"not ok {name}\n# {why}", flush=True)
    if not right:
        failed.append(name)


class Place:
    """A folder with a manifest, and what lies outside of it."""

    def __init__(self, place):
        self.place = place
        self.folder = place / "folder"
        self.words = {"CANARY": str(place / "canary"), "NEW": str(place / "new"), "FIFO": str(place / "fifo"),
                      "PROGRAM": str(place / "program"), "PLACE": str(place)}
        self.folder.mkdir()
        (place / "schemas").mkdir()
        (place / "canary").write_text("a canary\n")
        (place / "program").write_text(f"#!/bin/sh\ntouch {place}/new\n")
        (place / "program").chmod(0o755)
        (place / "logger").write_text(LOGGER.format(log=place / "log", qemu=QEMU))
        (place / "logger").chmod(0o755)
        os.mkfifo(place / "fifo")
        (self.folder / "stream").write_bytes(STREAM.read_bytes())
        self.read = []  # by somebody who must not
        threading.Thread(target=self.watch_fifo, daemon=True).start()

    def watch_fifo(self):
        """Opening for writing waits until somebody opens the pipe for reading."""
        with open(self.place / "fifo", "wb"):
            self.read.append("fifo")

    def fill(self, text):
        for word, path in self.words.items():
            text = text.replace(word, path)
        return text

    def write(self, entry):
        (self.folder / "manifest.json").write_text(json.dumps([entry]))

    def entry(self, *more):
        return {"name": "one", "file": "stream", "command": [QEMU, *SAFE, *map(self.fill, more)]}

    def log(self):
        log = self.place / "log"
        return log.read_text() if log.exists() else ""

    def outside(self):
        """All outside of the folder, with contents and the times of the last read and change."""
        os.utime(self.place / "canary", (1, 1))  # older than its change: a read shows, also with relatime
        return lambda: {str(path): (path.stat().st_atime if path.name == "canary" else 0, path.stat().st_mtime)
                        for path in self.place.iterdir() if path.name not in ("folder", "log", "schemas")}

    def replay(self, qemu, *options):
        words = [VMWIRE, "replay", "--qemu", qemu, *options, self.folder]
        try:
            return subprocess.run(words, capture_output=True, text=True, timeout=100, cwd=self.folder)
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(words, -1, "", "it does not end")

    def processes(self):
        """Processes with a path of this place among their words: a QEMU or a script that was left behind."""
        found = []
        for words in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                found += [words.parent.name] if str(self.place).encode() in words.read_bytes() else []
            except OSError:
                pass
        return found


def expect_refusal(place, name, text, qemu):
    look = place.outside()
    before = look()
    done = place.replay(qemu)
    line = done.stderr
    right_line = line.count("\n") == 1 and f"{place.folder}/manifest.json: entry 0: " in line and text in line
    result(f"{name}: one line", done.returncode == 2 and not done.stdout and right_line,
           f"exit status {done.returncode}, expected: {text}, found: {done.stdout[:200]} {line[:400]}")
    changed = look() != before or place.read or place.log() or place.processes()
    result(f"{name}: nothing is touched, nothing starts", not changed,
           f"{look()} {place.read} {place.log()} {place.processes()}")


def check_options(make):
    for number, row in enumerate(HOSTILE_OPTIONS):
        words, part = row[:-1], row[-1].strip('"') if row[-1] == '""' else row[-1]
        place = make()
        place.write(place.entry(*words))
        name = " ".join(words)
        option = words[0] if words[0][0] == "-" else ""
        qemu = str(place.place / "logger") if number % 4 else QEMU
        expect_refusal(place, name, place.fill(part), qemu)
        result(f"{name}: the option is named", f'"{option}' in place.replay(qemu).stderr, place.replay(qemu).stderr)


def check_files(make):
    for name, statement, text in HOSTILE_FILES:
        place = make()
        entry, folder = place.entry(), place.folder
        exec(statement, {"entry": entry, "folder": folder, "os": os, **place.words,
                         "link": lambda at, to, folder=folder: os.symlink(to, folder / at)})
        place.write(entry)
        expect_refusal(place, name, place.fill(text), str(place.place / "logger"))
    for kind in "link", "pipe":
        place = make()
        os.symlink(place.words["CANARY"], place.folder / "manifest.json") if kind == "link" else os.mkfifo(
            place.folder / "manifest.json")
        done = place.replay(str(place.place / "logger"))
        result(f"a manifest that is a {kind}", done.returncode == 2 and done.stderr.count("\n") == 1 and not place.log(),
               done.stderr)


def check_harmless(make):
    for words in HARMLESS:
        place = make()
        place.write(place.entry(*words))
        done = place.replay(str(place.place / "logger"))
        result(f"{' '.join(words)} is allowed", " ".join(words) in place.log() and "without --trust" not in done.stderr,
               done.stderr)
        result(f"{' '.join(words)}: nothing is left behind", not place.processes(), place.processes())
    place = make()
    place.write(place.entry())
    done = place.replay(str(place.place / "logger"))
    guarded = all(word in place.log().splitlines()[-1] for word in ("-no-user-config", "-nodefaults", "-S", "-sandbox on,"))
    result("QEMU starts behind a filter, without a user's configuration", done.returncode == 0 and guarded, place.log())


def check_surroundings(make):
    """What QEMU uses where no word of the manifest tells it: the host's accelerator and sound, and firmware in its folder."""
    place = make()
    entry = place.entry()
    at = entry["command"].index("-accel")
    del entry["command"][at:at + 2]
    place.write(entry)
    done = place.replay(str(place.place / "logger"))
    lines = place.log().splitlines()
    result("no accelerator of the host", done.returncode == 0 and all("-accel tcg" in line for line in lines) and len(lines) > 1,
           place.log() or done.stderr)
    result("no sound of the host", all(line.endswith("with sound none") for line in lines), place.log())
    result("not in the folder of the manifest", f"in {place.folder}" not in place.log() and " in / with" in place.log(), place.log())
    place = make()
    place.write(place.entry("-bios", "none"))
    os.symlink(place.words["FIFO"], place.folder / "none")
    done = place.replay(QEMU)
    result("no firmware of the folder", not place.read and done.stderr.count("\n") <= 1, f"{place.read} {done.stderr}")


def check_trust(make):
    place = make()
    place.write(place.entry("-chardev", "file,id=c,path=NEW") | {"file": "../stream"})
    (place.folder / "stream").rename(place.place / "stream")
    done = place.replay(str(place.place / "logger"), "--trust")
    result("--trust takes them", done.returncode == 0 and (place.place / "new").exists(), done.stderr)
    result("--trust filters nothing", "-sandbox" not in place.log().splitlines()[-1], place.log())


# Scripts instead of a QEMU, what the error says of them, and the seconds that they may take.
NO_QEMU = [("true", "exit 0", "is no QEMU: expected a QMP greeting", 10),
           ("one that fails", "echo oops >&2; exit 3", "is no QEMU: expected a QMP greeting, found the message: oops", 10),
           ("one that prints forever", "exec yes 2>&1", "its first line is no QMP greeting", 10),
           ("one that complains forever", "exec yes >&2", "is no QEMU: no QMP greeting within", 40),
           ("one long line", "exec cat /dev/zero", "is no QEMU: ", 60),
           ("one that crashes", "kill -SEGV $$", "is no QEMU: expected a QMP greeting, found a crash", 10),
           ("one that sleeps", "sleep 1000", "is no QEMU: no QMP greeting within", 40),
           ("one that closes its outputs and stays", "exec >&- 2>&-; sleep 1000", "is no QEMU: ", 40),
           ("one of no machine that a manifest names", f'case "$*" in *microvm*) exit 1;; esac; exec {QEMU} "$@"',
            "unable to load any of the 1 streams", 30)]


def check_programs(make):
    for name, script, text, seconds in NO_QEMU:
        place = make()
        place.write(place.entry())
        (place.place / "logger").write_text(f"#!/bin/sh\n{script}\n")
        begin = time.monotonic()
        done = place.replay(str(place.place / "logger"))
        took = time.monotonic() - begin
        result(f"{name} is an error", done.returncode == 2 and done.stderr.count("\n") == 1 and text in done.stderr and
               not done.stdout and took < seconds, f"{done.returncode} {took:.1f} s {done.stderr[:400]}")
        result(f"{name}: nothing is left behind", not place.processes(), place.processes())
    for program in "true", "/bin/ls", "/etc/passwd", "no-such-program", "/":
        done = place.replay(program)
        result(f"{program} is an error", done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr)


def main():
    with tempfile.TemporaryDirectory() as work:
        count = 0

        def make():
            nonlocal count
            count += 1
            (Path(work) / str(count)).mkdir()
            return Place(Path(work) / str(count))

        for check in check_options, check_files, check_harmless, check_surroundings, check_trust, check_programs:
            check(make)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
