"""A small web application, with three ways from its users to a shell."""

import os
import shlex
import subprocess

from flask import Flask, request

app = Flask(__name__)


def run(command):
    return os.system(command)


@app.route("/ping")
def ping():
    host = request.args["host"]
    return str(run("ping -c 1 " + host))


@app.route("/list")
def listing():
    folder = request.args.get("folder", ".")
    options = ["-l"]
    return subprocess.check_output(f"ls {' '.join(options)} {folder}", shell=True)


def ask():
    return input("command: ")


def shell():
    command = ask()
    os.system(command)


@app.route("/uptime")
def uptime():
    return str(run("uptime"))


@app.route("/who")
def who():
    name = shlex.quote(request.args["name"])
    return str(run("finger " + name))
