"""Redis servers of every kind for stories, on free ports of this machine: one with users, one with replicas
and sentinels, a cluster of three. All of Debian's redis packages; their files in the story's folder."""

import os
import signal
import subprocess

from daemon import Process, free_port, until


class Server(Process):
    """A redis-server or redis-sentinel on a TCP port."""

    def __init__(self, story, name, *options, port=0, password=None, sentinel=False):
        self.name = name
        self.port = port or free_port()
        self.password = password
        self.stopped = False
        folder = story.path(name)
        os.makedirs(folder, exist_ok=True)
        arguments = ["redis-server", *options]
        if sentinel:
            arguments.append("--sentinel")
        else:
            arguments += ["--port", str(self.port), "--dir", folder, "--save", "", "--bind", "127.0.0.1"]
        super().__init__(arguments, folder, name)
        story.processes.append(self)
        until(lambda: self.cli("PING").strip() in ("PONG", "NOAUTH Authentication required."), 10,
              what=f"{name} is up")

    def cli(self, *words, user=None, password=None):
        secret = password or self.password
        more = ["--user", user] if user else []
        environment = dict(os.environ, REDISCLI_AUTH=secret) if secret else None
        done = subprocess.run(["redis-cli", "-p", str(self.port), *more, *words], capture_output=True,
                              text=True, timeout=20, check=False, env=environment)
        return done.stdout

    def info(self, name):
        for line in self.cli("INFO").splitlines():
            if line.startswith(name + ":"):
                return line.split(":", 1)[1]
        return ""

    def stop_turning(self):
        self.process.send_signal(signal.SIGSTOP)

    def turn_again(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self, number=signal.SIGKILL):
        self.turn_again()
        return super().kill(number)


def sentinel_trio(story, name="mymaster"):
    """A master with a replica, and three sentinels that watch them: (master, replica, sentinels)."""
    master = Server(story, "master", "--appendonly", "yes")
    replica = Server(story, "replica", "--appendonly", "yes", "--replicaof", "127.0.0.1", str(master.port))
    until(lambda: replica.info("master_link_status") == "up", 20, what="the replica follows")
    sentinels = []
    for i in range(3):
        port = free_port()
        path = story.write(f"sentinel-{i}.conf", f"""port {port}
bind 127.0.0.1
sentinel monitor {name} 127.0.0.1 {master.port} 2
sentinel down-after-milliseconds {name} 1000
sentinel failover-timeout {name} 5000
sentinel parallel-syncs {name} 1
""")
        sentinels.append(Server(story, f"sentinel-{i}", path, port=port, sentinel=True))
    for sentinel in sentinels:
        until(lambda s=sentinel: "num-other-sentinels\n2" in s.cli("SENTINEL", "MASTER", name)
              and "num-slaves\n1" in s.cli("SENTINEL", "MASTER", name), 30, what="sentinels know each other")
    return master, replica, sentinels


def sentinel_url(sentinels, name="mymaster"):
    return "redis+sentinel://" + ",".join(f"127.0.0.1:{s.port}" for s in sentinels) + f"/{name}"


SLOTS = 16384


class Cluster:
    """Three masters, each with a third of the slots."""

    def __init__(self, story, count=3):
        self.nodes = []
        for i in range(count):
            bus = free_port()
            node = Server(story, f"node-{i}", "--cluster-enabled", "yes", "--appendonly", "yes",
                          "--cluster-node-timeout", "2000", "--cluster-config-file", "nodes.conf",
                          "--cluster-port", str(bus))
            node.bus = bus
            self.nodes.append(node)
        share = SLOTS // 3
        for i, node in enumerate(self.nodes[:3]):
            last = SLOTS - 1 if i == 2 else (i + 1) * share - 1
            node.cli("CLUSTER", "ADDSLOTSRANGE", str(i * share), str(last))
            node.cli("CLUSTER", "SET-CONFIG-EPOCH", str(i + 1))
        for node in self.nodes[1:]:
            node.cli("CLUSTER", "MEET", "127.0.0.1", str(self.nodes[0].port), str(self.nodes[0].bus))
        until(lambda: all("cluster_state:ok" in n.cli("CLUSTER", "INFO")
                          and f"cluster_known_nodes:{count}" in n.cli("CLUSTER", "INFO")
                          for n in self.nodes), 30, what="the cluster is whole")

    def url(self, plain=False):
        start = "redis://" if plain else "redis+cluster://"
        return start + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes[:2])

    def owner_of(self, key):
        """The node that has the slot of a key, and the slot."""
        slot = int(self.nodes[0].cli("CLUSTER", "KEYSLOT", key))
        for node in self.nodes:
            if node.cli("CLUSTER", "COUNTKEYSINSLOT", str(slot)).strip() not in ("", "0"):
                return node, slot
        return None, slot

    def move(self, slot, source, target, after_half=None):
        """Moves a slot as redis-cli's reshard does, key by key, while everybody works."""
        ids = {node: node.cli("CLUSTER", "MYID").strip() for node in (source, target)}
        target.cli("CLUSTER", "SETSLOT", str(slot), "IMPORTING", ids[source])
        source.cli("CLUSTER", "SETSLOT", str(slot), "MIGRATING", ids[target])
        moved = 0
        while True:
            keys = source.cli("CLUSTER", "GETKEYSINSLOT", str(slot), "50").split()
            if not keys:
                break
            for key in keys:
                said = source.cli("MIGRATE", "127.0.0.1", str(target.port), key, "0", "5000").strip()
                assert said in ("OK", "NOKEY"), (key, said)
            moved += len(keys)
            if after_half and moved > 50:
                after_half()
                after_half = None
        for node in (target, source, *self.nodes):
            node.cli("CLUSTER", "SETSLOT", str(slot), "NODE", ids[target])
        return moved
