#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests that `vmwire replay` does no harm with a manifest that comes from anybody.

Each hostile manifest must be an error: exit status 2, nothing printed, one line that names the manifest, the entry and the
option. No QEMU may start: the program of --qemu is a script that notes how it is started, or the real QEMU. Nothing
outside of the folder may be opened, made or changed (inotify sees it), and nobody may connect to a port. That the canaries
sing is tested too: with --trust, some of the manifests do their harm. Every check prints `ok NAME`, or `not ok NAME` and why.
"""

import concurrent.futures
import ctypes
import hashlib
import json
import os
import shutil
import socket
import struct
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
# one that is not there, FIFO a pipe in which nobody may look, PROGRAM a script, PLACE their folder, PORT one that listens.
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
-netdev bridge,id=n,helper=PROGRAM                          bridge
-netdev user,id=n,guestfwd=tcp:10.0.2.100:80-cmd:PROGRAM    user
-netdev id=n,type=user                                      type=user
-netdev socket,id=n,connect=127.0.0.1:PORT                  socket
--incoming exec:PROGRAM                                     --incoming
-incoming file:CANARY                                       -incoming
-incoming tcp:127.0.0.1:0                                   -incoming
-trace vmstate_load_state,file=NEW                          -trace
-machine microvm,dumpdtb=NEW                                dumpdtb=NEW
-machine xenfv                                              xenfv
-machine x-remote                                           x-remote
-machine nitro                                              nitro
-machine accel=kvm:tcg                                      accel=kvm:tcg
-M microvm,kernel=CANARY                                    kernel=CANARY
-enable-kvm                                                 -enable-kvm
-parallel file:NEW                                          file:NEW
-monitor file:NEW                                           file:NEW
-mon chardev=c,mode=control                                 -mon
-debugcon file:NEW                                          -debugcon
-serial pipe:FIFO                                           pipe:FIFO
-serial tcp:127.0.0.1:PORT                                  tcp:127.0.0.1:PORT
-chardev pty,id=c                                           pty
-chardev {"id":"c","backend":"pty"}                         {"id":"c"
-chardev socket,id=c,host=127.0.0.1,port=PORT               socket
-audiodev pa,id=a,server=127.0.0.1:PORT                     pa
-display gtk                                                gtk
-tpmdev emulator,id=t,chardev=c                             -tpmdev
-fda CANARY                                                 -fda
-sd CANARY                                                  -sd
-k CANARY                                                   -k
-boot splash=CANARY                                         -boot
-blockdev host_device,node-name=d,filename=/dev/null        host_device
-blockdev raw,node-name=d,file.driver=file,file.filename=CANARY   raw
-blockdev nbd,node-name=d,server.type=inet,server.host=127.0.0.1,server.port=PORT   nbd
-device canokey,file=NEW                                    canokey
-device e1000,romfile=secret                                romfile=secret
-device e1000,id=a,,b,romfile=CANARY                        ""
-device addr=0,driver=loader,file=CANARY                    driver=loader
-device loader,help                                         help
-device guest-loader,addr=0,kernel=CANARY                   guest-loader
-device ide-hd,drive=CANARY                                 drive=CANARY
-device virtio-9p-pci,fsdev=f,mount_tag=m                   virtio-9p-pci
-device virtio-input-host-pci,evdev=FIFO                    virtio-input-host-pci
-device vhost-user-blk-pci,chardev=c                        vhost-user-blk-pci
-device scsi-generic,drive=d                                scsi-generic
-device ccid-card-emulated,backend=certificates,db=PLACE    ccid-card-emulated
-device u2f-passthru,hidraw=FIFO                            u2f-passthru
-object can-host-socketcan,id=h,if=can0,canbus=b            can-host-socketcan
-global loader.file=CANARY                                  loader.file=CANARY
-global driver=ipmi-bmc-sim,property=sdrfile,value=CANARY   driver=ipmi-bmc-sim
-global e1000.romfile=1                                     e1000.romfile=1
-no-such-option                                             -no-such-option
-                                                           -
--                                                          --
-serial -S                                                  -S
""".strip().splitlines()]

# Words that no blanks can be between.
HOSTILE_WORDS = [("no word", [""], 'word "" in'), ("lines within a word", ["-S\n-D\nNEW"], "-D"),
                 ("a very long value", ["-device", "e1000,id=" + "/" * 100000], "-device"),
                 ("a very long option", ["-" + "a" * 100000], "-aaa"),
                 ("an option as a value", ["-uuid", "-D", "NEW"], "-D"),
                 ("256 devices", ["-device", "pvpanic"] * 256, "more than 512 words"),
                 ("a missing value", ["-device"], '"-device" has no value')]

# Options that would use more of the machine than a manifest may, and of what.
HOSTILE_AMOUNTS = [line.split("|") for line in """
-m 1T|16 GiB of memory in all
-m 16385|16 GiB of memory in all
-m 1e9|16 GiB of memory in all
-m 0x4001|16 GiB of memory in all
-m 0.5T|16 GiB of memory in all
-m 1E|16 GiB of memory in all
-m infinity|16 GiB of memory in all
-m nan|16 GiB of memory in all
-m 8X|16 GiB of memory in all
-m size=17g|16 GiB of memory in all
-m size=|16 GiB of memory in all
-m 99999999999999999999999999999999999999999|16 GiB of memory in all
-m 8,maxmem=1T|16 GiB of memory
-m 8,slots=257,maxmem=2G|256 slots
-object memory-backend-ram,id=m0,size=1T|16 GiB of memory in all
-object memory-backend-memfd,id=m0,size=17179869185|16 GiB of memory in all
-m 8G -object memory-backend-ram,id=m0,size=4G -object memory-backend-ram,id=m1,size=5G|16 GiB of memory in all
-device VGA,vgamem_mb=512|64 MiB of video memory
-global VGA.vgamem_mb=512|64 MiB of video memory
-global spapr-pci-host-bridge.dma_win_size=0x10000000000|16 GiB of memory
-device virtio-mem-pci,memdev=m0,requested-size=1T|16 GiB of memory
-device virtio-serial-pci,max_ports=100000|2048 queues, vectors or ports
-device virtio-scsi-pci,num-queues=65536|2048 queues, vectors or ports
-global virtio-net-pci.vectors=4294967295|2048 queues, vectors or ports
-device virtio-gpu-pci,xres=100000|8192 pixels
-smp 256|255 processors
-smp cpus=1,maxcpus=4096|255 processors
-smp sockets=16,cores=16|255 processors
-smp 1,sockets=0,dies=8,cores=8,threads=8|255 processors
-machine pc,max-cpus=1024|255 processors
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
a link to a descriptor|link("a", "/proc/self/fd/0"); entry["file"] = "a"|is a link
a link to a pipe|link("a", FIFO); entry["file"] = "a"|is a link
a socket|socket.socket(socket.AF_UNIX).bind(str(folder / "a")); entry["file"] = "a"|is no regular file
the folder itself|entry["file"] = "."|is no regular file
the folder above|entry["file"] = ".."|is outside
no name|entry["file"] = ""|cannot be opened: No such file
a folder below the file|entry["file"] = "stream/x"|cannot be opened: Not a directory
a very long name|entry["file"] = "a/" * 5000|cannot be opened: File name too long
a file in the folder of schemas|entry["file"] = "../schemas/canary"|is outside
an original in the folder of schemas|entry["original"] = "../schemas/canary"|is outside
an original through a link|link("a", CANARY); entry["original"] = "a"|is a link
a file for QEMU itself|link("a", CANARY); entry.update(file="a", capabilities=["mapped-ram"])|is a link
a schema through a link within|link("a", CANARY); entry["schemas"] = ["a"]|is a link
a schema in a folder beside the schemas|entry["schemas"] = ["../schemas2/canary"]|is outside
the folder of schemas|entry["schemas"] = ["../schemas"]|is outside
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
-m 12G
-m 8,slots=256,maxmem=16G
-smp 1,maxcpus=255
-smp 2,sockets=1,cores=2,threads=1,maxcpus=2
-M pc-i440fx-5.2
""".strip().splitlines()]

LOGGER = """#!/bin/sh
printf '%s\\n' "$* in $(pwd) with sound $QEMU_AUDIO_DRV" >>"{log}"
exec {qemu} "$@"
"""


def result(name, right, why=""):
    print(f"ok {name}" if right else f"not ok {name}\n# {why}", flush=True)
    if not right:
        failed.append(name)


class Watch:
    """What is opened, made, changed or removed in folders (inotify), and who connects to a port."""

    EVENTS = 0x2 | 0x4 | 0x20 | 0x40 | 0x80 | 0x100 | 0x200  # modify, attributes, open, moved from and to, create, delete

    def __init__(self):
        self.library = ctypes.CDLL(None, use_errno=True)
        self.events = self.library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        assert self.events >= 0, "no inotify"
        self.server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.server.setblocking(False)
        self.port = self.server.getsockname()[1]

    def add(self, folder):
        assert self.library.inotify_add_watch(self.events, os.fsencode(folder), self.EVENTS) >= 0, "cannot watch"

    def take(self):
        """What has happened since the last call: names, and "connect"."""
        seen = set()
        try:
            while True:
                data, at = os.read(self.events, 65536), 0
                while at < len(data):
                    length = struct.unpack_from("iIII", data, at)[3]
                    seen.add(data[at + 16:at + 16 + length].rstrip(b"\0").decode())
                    at += 16 + length
        except BlockingIOError:
            pass
        try:
            while True:
                self.server.accept()[0].close()
                seen.add("connect")
        except BlockingIOError:
            return seen - {"", "folder", "schemas"}


WATCH = Watch()


class Place:
    """A folder with a manifest, and what lies outside of it."""

    def __init__(self, place):
        self.place = place
        self.folder = place / "folder"
        self.words = {"CANARY": str(place / "canary"), "NEW": str(place / "new"), "FIFO": str(place / "fifo"),
                      "PROGRAM": str(place / "program"), "PLACE": str(place), "PORT": str(WATCH.port)}
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
        WATCH.add(place)
        WATCH.take()

    def watch_fifo(self):
        """Opening for writing waits until somebody opens the pipe for reading."""
        with open(self.place / "fifo", "wb"):
            self.read.append("fifo")

    def fill(self, text):
        for word, path in self.words.items():
            text = text.replace(word, path)
        return text

    def write(self, *entries):
        (self.folder / "manifest.json").write_text(json.dumps(entries))

    def entry(self, *more):
        return {"name": "one", "file": "stream", "command": [QEMU, *SAFE, *map(self.fill, more)]}

    def log(self):
        log = self.place / "log"
        return log.read_text() if log.exists() else ""

    def replay(self, qemu, *options):
        return self.run("replay", "--qemu", qemu, *options)

    def run(self, *words):
        words = [VMWIRE, *words, self.folder]
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


def expect_refusal(place, name, text, *words):
    """Runs vmwire with the words on the folder: it must refuse the manifest and touch nothing. Returns its error."""
    WATCH.take()
    done = place.run(*words)
    line = done.stderr
    right_line = line.count("\n") == 1 and f"{place.folder}/manifest.json: entry 0: " in line and text in line
    result(f"{name}: one line", done.returncode == 2 and not done.stdout and right_line,
           f"exit status {done.returncode}, expected: {text}, found: {done.stdout[:200]} {line[:400]}")
    touched = [*WATCH.take(), *place.read, *place.processes()]
    result(f"{name}: nothing is touched, nothing starts", not touched and not place.log(), f"{touched} {place.log()}")
    return line


def check_options(make):
    for number, row in enumerate(HOSTILE_OPTIONS):
        words, part = row[:-1], row[-1].strip('"') if row[-1] == '""' else row[-1]
        place = make()
        place.write(place.entry(*words))
        name = " ".join(words)
        option = words[0] if words[0][0] == "-" else ""
        qemu = str(place.place / "logger") if number % 4 else QEMU
        line = expect_refusal(place, name, place.fill(part), "replay", "--qemu", qemu)
        result(f"{name}: the option is named", f'"{option}' in line, line)
    for name, words, text in HOSTILE_WORDS:
        place = make()
        place.write(place.entry(*words))
        expect_refusal(place, name, text, "replay", "--qemu", str(place.place / "logger"))
    for row, limit in HOSTILE_AMOUNTS:
        place = make()
        place.write(place.entry(*row.split()))
        text = f'"{row.split()[-2]}": "'
        line = expect_refusal(place, row, text, "replay", "--qemu", str(place.place / "logger"))
        result(f"{row}: the limit is named", f"more than {limit} is not allowed without --trust" in line, line)


# Options of the lists above that this machine's QEMU obeys at once, and what the canaries say then.
HARMFUL = [line.split() for line in """
-incoming exec:PROGRAM                                   new
-D NEW                                                   new
-serial file:NEW                                         new
-device loader,file=CANARY,force-raw=on,addr=0           canary
-cdrom CANARY                                            canary
-serial tcp:127.0.0.1:PORT                               connect
""".strip().splitlines()]


def check_canaries(make):
    """The canaries sing: a QEMU does this harm, and --trust gives such words to the program."""
    for *words, harm in HARMFUL:
        place = make()
        entry = place.entry(*words)
        place.write(entry)
        place.replay(str(place.place / "logger"), "--trust")
        result(f"{' '.join(words)}: --trust passes it", place.fill(" ".join(words)) in place.log(), place.log())
        WATCH.take()
        seen = set()
        with subprocess.Popen([QEMU, *entry["command"][1:]], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as started:
            for _ in range(200):
                seen |= WATCH.take()
                if harm in seen:
                    break
                time.sleep(0.05)
            started.kill()
        result(f"{' '.join(words)} would do harm", harm in seen, seen)


def check_entries(make):
    """Every entry is checked before anything is started, and --json has the same errors."""
    place = make()
    entry = place.entry()
    place.write(entry, place.entry("-D", "NEW"))
    done = place.replay(str(place.place / "logger"))
    result("the second entry, before the first runs", done.returncode == 2 and "entry 1: option \"-D\"" in done.stderr and
           not place.log() and not done.stdout, done.stderr + place.log())
    place.write(entry, entry | {"size": 7.5})
    done = place.replay(str(place.place / "logger"))
    result("a member of the second entry, before the first runs", done.returncode == 2 and not place.log() and not done.stdout and
           'entry 1: "size": expected an integer of at least 0, found 7.5' in done.stderr, done.stderr + place.log())
    done = place.replay(str(place.place / "logger"), "--json")
    error = json.loads(done.stderr)
    result("in JSON", error["file"] == f"{place.folder}/manifest.json" and 'entry 1: "size"' in error["message"], done.stderr)
    place.write(entry, entry | {"file": "../canary"})
    done = place.run("compare")
    result("compare: the second entry, before the first is read", done.returncode == 2 and not done.stdout and
           'entry 1: file "../canary" is outside' in done.stderr and done.stderr.count("\n") == 1, done.stderr)


def check_files(make):
    for name, statement, text in HOSTILE_FILES:
        place = make()
        entry, folder = place.entry(), place.folder
        exec(statement, {"entry": entry, "folder": folder, "os": os, "socket": socket, **place.words,
                         "link": lambda at, to, folder=folder: os.symlink(to, folder / at)})
        place.write(entry)
        expect_refusal(place, name, place.fill(text), "replay", "--qemu", str(place.place / "logger"))
        if "capability" not in name:
            expect_refusal(place, f"{name}, without --qemu", place.fill(text), "replay")
            expect_refusal(place, f"{name}, compare", place.fill(text), "compare")
    for kind in "link", "pipe":
        for words in ["replay"], ["replay", "--qemu", QEMU], ["compare"]:
            place = make()
            os.symlink(place.words["CANARY"], place.folder / "manifest.json") if kind == "link" else os.mkfifo(
                place.folder / "manifest.json")
            WATCH.take()
            done = place.run(*words)
            result(f"{' '.join(words)}: a manifest that is a {kind}", done.returncode == 2 and done.stderr.count("\n") == 1 and
                   not WATCH.take(), done.stderr)
    place = make()
    (place.folder / "in").mkdir()
    (place.folder / "stream").rename(place.folder / "in/stream")
    (place.place / "schemas/stream").write_bytes(STREAM.read_bytes())
    place.write(place.entry() | {"file": "in//./stream", "schemas": ["../schemas/stream"]})
    for command in "replay", "compare":
        done = place.run(command)
        result(f"{command}: folders within, and the schemas beside the folder", done.returncode == 0, done.stderr)


def check_exchange(make):
    """Somebody exchanges a file for a link all the time. vmwire reads the file or refuses it, and opens nothing else."""
    for member, command in ("file", "replay"), ("file", "compare"), ("schemas", "replay"), ("original", "replay"):
        place, stop = make(), threading.Event()
        victim, other, kept = place.folder / "victim", place.folder / "other", place.folder / "stream"
        shutil.copy(kept, victim)
        place.write(place.entry() | {member: ["victim"] if member == "schemas" else "victim"})

        def exchange(victim=victim, other=other, kept=kept, stop=stop, canary=place.words["CANARY"]):
            while not stop.is_set():
                os.symlink(canary, other)
                other.rename(victim)
                os.link(kept, other)
                other.rename(victim)

        thread = threading.Thread(target=exchange)
        WATCH.take()
        thread.start()
        statuses = [place.run(command).returncode for _ in range(25)]
        stop.set()
        thread.join()
        touched = WATCH.take()
        result(f"{command}: {member} exchanged for a link", not touched and set(statuses) <= {0, 2}, f"{touched} {statuses}")


def check_harmless(make):
    for words in HARMLESS:
        place = make()
        place.write(place.entry(*words))
        done = place.replay(str(place.place / "logger"))
        result(f"{' '.join(words)} is allowed", " ".join(words) in place.log() and "without --trust" not in done.stderr,
               done.stderr)
        result(f"{' '.join(words)}: nothing is left behind", not place.processes(), place.processes())
    for folder in "streams", "witnesses":
        done = subprocess.run([VMWIRE, "replay", "--qemu", "false", ROOT / "corpus" / folder], capture_output=True, text=True)
        result(f"corpus/{folder} is allowed", "false: is no QEMU" in done.stderr, done.stderr)
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
    place.write(place.entry())
    (place.place / "logger").write_text(f'#!/bin/sh\n(env; echo "core $(ulimit -c)") >{place.place}/log\nexec {QEMU} "$@"\n')
    variables = {"QEMU_MODULE_DIR": "/nowhere", "XDG_RUNTIME_DIR": "/nowhere", "DISPLAY": ":7", "LD_PRELOAD": ""}
    os.environ.update(variables)
    done = place.replay(str(place.place / "logger"))
    lines = place.log().splitlines()
    result("few variables, no core file", done.returncode == 0 and "core 0" in lines and "LC_ALL=C" in lines and
           not [line for line in lines if line.split("=")[0] in variables], lines or done.stderr)
    for name in variables:
        del os.environ[name]
    place = make()
    place.write(place.entry("-bios", "none"))
    os.symlink(place.words["FIFO"], place.folder / "none")
    done = place.replay(QEMU)
    result("no firmware of the folder", not place.read and done.stderr.count("\n") <= 1, f"{place.read} {done.stderr}")


# A QEMU that notes the SHA-256 of the file that it inherits, and whether somebody told it a path of it.
SEEKING_QEMU = """#!/usr/bin/env python3
import hashlib, json, os, sys
print(json.dumps({"QMP": {"version": {"qemu": {"major": 9, "minor": 0, "micro": 0}, "package": ""}, "capabilities": []}}), flush=True)
for line in iter(lambda: os.read(0, 65536).decode(), ""):
    if "migrate-incoming" in line and "-add-fd" in sys.argv:
        descriptor = int(sys.argv[sys.argv.index("-add-fd") + 1].split(",")[0].split("=")[1])
        with open(descriptor, "rb") as file, open("LOG", "a") as log:
            print(hashlib.sha256(file.read()).hexdigest(), os.readlink(f"/proc/self/fd/{descriptor}"), "FOLDER" in line, file=log)
    if "migrate-incoming" in line:
        break
    print(json.dumps({"return": {}}), flush=True)
"""


def check_seeking(make):
    """A QEMU that seeks in the file inherits it opened. It is asked about the original in the same way."""
    place = make()
    capture = (ROOT / "corpus/streams/trixie-microvm-mapped-ram.vmstate").read_bytes()
    (place.folder / "stream").write_bytes(capture)
    (place.place / "logger").write_text(SEEKING_QEMU.replace("LOG", str(place.place / "log")).replace("FOLDER", str(place.folder)))
    place.write(place.entry() | {"capabilities": ["mapped-ram"]})
    done = place.replay(str(place.place / "logger"))
    expected = f"{hashlib.sha256(capture).hexdigest()} {place.folder}/stream False\n"
    result("a QEMU that seeks inherits the file", place.log() == expected, f"{place.log()} {done.stderr}")
    place.write(place.entry() | {"file": "../outside", "capabilities": ["mapped-ram"]})
    (place.folder / "stream").rename(place.place / "outside")
    done = place.replay(str(place.place / "logger"), "--trust")
    result("with --trust, also one of outside", place.log() == expected + expected.replace("folder/stream", "outside"),
           f"{place.log()} {done.stderr}")


def check_trust(make):
    place = make()
    place.write(place.entry("-chardev", "file,id=c,path=NEW") | {"file": "../stream"})
    (place.folder / "stream").rename(place.place / "stream")
    done = place.replay(str(place.place / "logger"), "--trust")
    result("--trust takes them", done.returncode == 0 and (place.place / "new").exists(), done.stderr)
    result("--trust filters nothing", "-sandbox" not in place.log().splitlines()[-1], place.log())


# Scripts instead of a QEMU, what the error says of them, and the seconds that they may take. PID is a file for the number of
# a process that must not stay.
NO_QEMU = [("true", "exit 0", "is no QEMU: expected a QMP greeting", 10),
           ("one that fails", "echo oops >&2; exit 3", "is no QEMU: expected a QMP greeting, found the message: oops", 10),
           ("one that prints forever", "exec yes 2>&1", "its first line is no QMP greeting", 10),
           ("one that complains forever", "exec yes >&2", "is no QEMU: no QMP greeting within", 60),
           ("one long line", "exec cat /dev/zero", "is no QEMU: ", 60),
           ("one that crashes", "kill -SEGV $$", "is no QEMU: expected a QMP greeting, found a crash", 10),
           ("one that greets otherwise", "echo '{\"hello\": 1}'", "is no QEMU", 60),
           ("one that sleeps", "echo $$ >PID; exec sleep 1000", "is no QEMU: no QMP greeting within", 60),
           ("one that sleeps in a process of its own", "sleep 1000 & echo $! >PID; wait", "is no QEMU: no QMP greeting within", 60),
           ("one that ignores signals", "trap '' TERM INT HUP; echo $$ >PID; while :; do sleep 1; done",
            "is no QEMU: no QMP greeting within", 60),
           ("one that leaves a process behind", "sleep 1000 >/dev/null 2>&1 & echo $! >PID", "is no QEMU: ", 60),
           ("one that closes its outputs and stays", "echo $$ >PID; exec >&- 2>&-; sleep 1000", "is no QEMU: ", 60),
           ("one of no machine that a manifest names", f'case "$*" in *microvm*) exit 1;; esac; exec {QEMU} "$@"',
            "unable to load any of the 1 streams", 60)]


def stays(pid):
    """Whether a process is there a while after it was killed; a dead one may wait for its parent."""
    for _ in range(100):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] in "ZX":
                return False
        except (FileNotFoundError, ProcessLookupError):
            return False
        time.sleep(0.05)
    return True


def check_program(place, name, script, text, seconds):
    """Returns lines to print: this runs beside others."""
    pid = place.place / "pid"
    (place.place / "logger").write_text(f"#!/bin/sh\n{script}\n".replace("PID", str(pid)))
    begin = time.monotonic()
    done = place.replay(str(place.place / "logger"))
    took = time.monotonic() - begin
    left = place.processes() + ([pid.read_text()] if pid.exists() and stays(int(pid.read_text())) else [])
    return [(f"{name} is an error", done.returncode == 2 and done.stderr.count("\n") == 1 and text in done.stderr and
             not done.stdout and took < seconds, f"{done.returncode} {took:.1f} s {done.stderr[:400]}"),
            (f"{name}: nothing is left behind", not left, left)]


def check_programs(make):
    with concurrent.futures.ThreadPoolExecutor(max_workers=len(NO_QEMU)) as pool:
        waiting = []
        for row in NO_QEMU:
            place = make()
            place.write(place.entry())
            waiting.append(pool.submit(check_program, place, *row))
        for each in waiting:
            for line in each.result():
                result(*line)
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

        for check in (check_options, check_canaries, check_entries, check_files, check_exchange, check_harmless,
                      check_surroundings, check_seeking, check_trust, check_programs):
            check(make)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
