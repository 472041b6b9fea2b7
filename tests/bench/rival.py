#!/usr/bin/python3
"""rival.py -- what a clinic would otherwise do: a script of paho-mqtt and sqlite3.

    rival.py PORT DATABASE --commit message|batch [--subscribe]

A persistent session, QoS 1, one row a reading. Commits every message, or a thousand of
them or a second's worth. paho-mqtt acknowledges when on_message returns. --subscribe:
ends when the broker keeps what comes. SIGTERM commits and ends. Measured by scripts/bench
rivals.
"""
import argparse
import json
import signal
import sqlite3
import sys
import time

import paho.mqtt.client as mqtt

BATCH_MESSAGES = 1000
BATCH_S = 1.0


class Rival:
    def __init__(self, port, database, batched, only_subscribes):
        self.batched = batched
        self.only_subscribes = only_subscribes
        self.over = False
        self.pending = 0
        self.committed_at = time.monotonic()
        self.db = sqlite3.connect(database)
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS reading"
            " (patient TEXT, start INTEGER, seconds INTEGER, steps INTEGER)"
        )
        self.db.commit()
        self.client = mqtt.Client("rival", clean_session=False)
        self.client.on_connect = self.on_connect
        self.client.on_subscribe = self.on_subscribe
        self.client.on_message = self.on_message
        self.client.connect("127.0.0.1", port)

    def on_connect(self, client, *_):
        client.subscribe("clinic/main/patient/+/steps", qos=1)

    def on_subscribe(self, *_):
        self.over = self.over or self.only_subscribes

    def on_message(self, _client, _userdata, message):
        reading = json.loads(message.payload)
        self.db.execute(
            "INSERT INTO reading VALUES (?, ?, ?, ?)",
            (
                message.topic.split("/")[3],
                reading["start"],
                reading["seconds"],
                reading["steps"],
            ),
        )
        self.pending += 1
        if not self.batched or self.pending >= BATCH_MESSAGES:
            self.commit()

    def commit(self):
        self.db.commit()
        self.pending = 0
        self.committed_at = time.monotonic()

    def end(self, *_):
        self.over = True

    def run(self):
        while not self.over:
            if self.client.loop(timeout=0.1) != mqtt.MQTT_ERR_SUCCESS:
                return 1
            if self.pending and time.monotonic() - self.committed_at > BATCH_S:
                self.commit()
        self.commit()
        self.client.disconnect()
        return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("database")
    parser.add_argument("--commit", choices=["message", "batch"], required=True)
    parser.add_argument("--subscribe", action="store_true")
    options = parser.parse_args()
    rival = Rival(
        options.port, options.database, options.commit == "batch", options.subscribe
    )
    signal.signal(signal.SIGTERM, rival.end)
    return rival.run()


if __name__ == "__main__":
    sys.exit(main())
