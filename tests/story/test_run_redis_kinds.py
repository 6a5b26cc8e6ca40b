#!/usr/bin/python3
"""Every kind of Redis that a URL can name: with users and passwords, hung, behind sentinels through a failover,
a cluster whose slots move, with replicas. Each question is in it exactly once afterwards."""

import json
import os
import shutil
import subprocess

from daemon import Story, expected, sample_chat, tell, until
from servers import Cluster, Server, sentinel_trio, sentinel_url
from test_run_redis import COUNT


def asked_in(*servers):
    """Messages that all cards in these servers stand for."""
    total = 0
    for server in servers:
        answer = server.cli("EVAL", COUNT, "0").strip()
        total += int(answer) if answer.isdigit() else 0
    return total


def attach(story, messages, redis, seconds=60, speed="5", **more):
    play = story.play(story.chat(sample_chat(messages)), "--rooms", "1", "--speed", speed, "--once",
                      "--grace-ms", str(seconds * 1000))
    story.config([{"url": play.url, "rooms": ["r1"]}], redis=redis, **more)
    return play, story.run()


def all_arrived(story, daemon, play, messages, *servers):
    report = play.report(90)
    spam, asked = expected(messages)
    assert report["applied"] == 2 * spam, report
    until(lambda: asked_in(*servers) >= asked, 30, "all questions are in Redis")
    until(lambda: story.status()["redis"]["waiting"] == 0, 30, "nothing waits")
    assert asked_in(*servers) == asked, (asked_in(*servers), asked)
    assert daemon.stop() == 0


def secret_file(story, text):
    path = story.write("redis-password", text + "\n")
    os.chmod(path, 0o600)
    return path


def a_user_with_a_password_from_a_file_has_a_database_of_its_own():
    with Story() as story:
        server = Server(story, "locked", "--requirepass", "for-admins", password="for-admins")
        server.cli("ACL", "SETUSER", "weir", "on", ">open sesame", "~*", "&*", "+@all", "-@dangerous",
                   "+info", "+role", "+function|load", "+script|load")
        secret_file(story, "open sesame")
        play, daemon = attach(story, 400, f"redis://weir@127.0.0.1:{server.port}/3",
                              redis_password_file="redis-password")
        report = play.report(60)
        assert report["applied"] == 2 * expected(400)[0], report
        until(lambda: f"db3:keys" in server.cli("INFO", "keyspace"), what="it is in database 3")
        assert "db0" not in server.cli("INFO", "keyspace"), server.cli("INFO", "keyspace")
        for process in (daemon.process.pid, server.process.pid):
            with open(f"/proc/{process}/cmdline", encoding="utf-8") as file:
                assert "sesame" not in file.read()
        assert "sesame" not in daemon.log()
        listed = story.command("queue", "list", "--json")
        assert listed.returncode == 0 and "sales" in listed.stdout, listed
        server.cli("ACL", "SETUSER", "weir", "resetpass", ">another")
        server.cli("CLIENT", "KILL", "USER", "weir")
        until(lambda: "WRONGPASS" in daemon.log(), what="the refusal is told")
        refused = story.command("queue", "list")
        assert refused.returncode != 0 and "WRONGPASS" in refused.stderr, refused
        assert daemon.stop() == 0


def one_that_hangs_is_noticed_and_nothing_is_lost():
    with Story() as story:
        server = Server(story, "hung", "--appendonly", "yes")
        play, daemon = attach(story, 4000, f"redis://127.0.0.1:{server.port}")
        until(lambda: asked_in(server) >= 20, what="questions arrive")
        server.stop_turning()
        until(lambda: "does not answer" in daemon.log(), 15, "it is noticed")
        before = story.counters()["actions_done"]
        until(lambda: story.counters()["actions_done"] > before + 10, what="moderation goes on")
        server.turn_again()
        all_arrived(story, daemon, play, 4000, server)


def a_failover_of_the_sentinels_is_followed_and_nothing_is_lost():
    with Story() as story:
        master, replica, sentinels = sentinel_trio(story)
        sentinels[0].kill()  # one sentinel of three may be away
        play, daemon = attach(story, 3000, sentinel_url(sentinels))
        until(lambda: asked_in(master) >= 20, what="questions arrive at the master")
        master.kill()
        until(lambda: replica.info("role") == "master", 30, what="the replica is the master")
        all_arrived(story, daemon, play, 3000, replica)
        claimed = story.command("queue", "claim", "sales", "--json", "--as", "mia")
        assert claimed.returncode == 0 and json.loads(claimed.stdout)["owner"] == "mia", claimed


def a_planned_failover_is_followed_too():
    with Story() as story:
        master, replica, sentinels = sentinel_trio(story)
        play, daemon = attach(story, 2000, sentinel_url(sentinels))
        until(lambda: asked_in(master) >= 20, what="questions arrive at the master")
        assert sentinels[1].cli("SENTINEL", "FAILOVER", "mymaster").strip() == "OK"
        until(lambda: replica.info("role") == "master" and master.info("role") == "slave", 30,
              what="they have changed places")
        all_arrived(story, daemon, play, 2000, replica)


def a_cluster_is_worked_with_while_slots_move():
    with Story() as story:
        cluster = Cluster(story)
        play, daemon = attach(story, 4000, cluster.url(plain=True))
        until(lambda: asked_in(*cluster.nodes) >= 20, what="questions arrive")
        source, slot = cluster.owner_of("{q:sales}")
        target = next(node for node in cluster.nodes if node is not source)
        before = story.counters()["actions_done"]
        moved = cluster.move(slot, source, target, lambda: until(
            lambda: story.counters()["actions_done"] > before + 5, what="moderation goes on"))
        assert moved > 20, moved
        all_arrived(story, daemon, play, 4000, *cluster.nodes)
        assert source.cli("KEYS", "{q:sales}*").strip() == "", source.cli("KEYS", "{q:sales}*")
        assert "redis.down" not in daemon.log(), daemon.log()
        claimed = story.command("queue", "claim", "--json", "--as", "mia", "--redis", cluster.url())
        assert claimed.returncode == 0 and json.loads(claimed.stdout)["owner"] == "mia", claimed


def a_cluster_that_loses_a_node_gets_everything_once_it_is_back():
    with Story() as story:
        cluster = Cluster(story)
        play, daemon = attach(story, 3000, cluster.url())
        until(lambda: asked_in(*cluster.nodes) >= 20, what="questions arrive")
        owner, _ = cluster.owner_of("{q:sales}")
        owner.kill()
        shutil.rmtree(story.path(owner.name + "/appendonlydir"))  # it comes back, but empty
        until(lambda: "redis.down" in daemon.log(), 15, "it is noticed")
        again = Server(story, owner.name, "--cluster-enabled", "yes",
                       "--appendonly", "yes", "--cluster-node-timeout", "2000", "--cluster-config-file",
                       "nodes.conf", "--cluster-port", str(owner.bus), port=owner.port)
        cluster.nodes[cluster.nodes.index(owner)] = again
        until(lambda: asked_in(again) >= 20, 30, "its cards are there again")
        again.cli("FLUSHALL")
        all_arrived(story, daemon, play, 3000, *cluster.nodes)


def a_replica_takes_no_cards():
    with Story() as story:
        master = Server(story, "master")
        replica = Server(story, "replica", "--replicaof", "127.0.0.1", str(master.port))
        until(lambda: replica.info("master_link_status") == "up", 20, what="the replica follows")
        _, daemon = attach(story, 50, f"redis://127.0.0.1:{replica.port}")
        until(lambda: f"is a replica of 127.0.0.1:{master.port}" in daemon.log(), what="it is told")
        assert daemon.stop() == 0


def a_decision_that_no_replica_has_is_marked():
    with Story() as story:
        master = Server(story, "master")
        replica = Server(story, "replica", "--replicaof", "127.0.0.1", str(master.port))
        until(lambda: replica.info("master_link_status") == "up", 20, what="the replica follows")
        play, daemon = attach(story, 100, f"redis://127.0.0.1:{master.port}", speed="max")
        play.report(60)
        until(lambda: asked_in(master) >= 5, what="questions arrive")

        def decide():
            card = json.loads(story.command("queue", "claim", "sales", "--json", "--as", "mia").stdout)
            done = story.command("queue", "resolve", card["id"], "--verdict", "done", "--json", "--as", "mia")
            assert done.returncode == 0, done
            return card["id"], json.loads(done.stdout)
        first, said = decide()
        assert said["unreplicated"] is False, said
        replica.stop_turning()
        second, said = decide()
        assert said["unreplicated"] is True, said
        assert master.cli("HGET", f"{{q:sales}}:c:{second}", "unreplicated").strip() == said["decision"]
        assert master.cli("HGET", f"{{q:sales}}:c:{first}", "unreplicated").strip() == ""
        replica.kill()
        until(lambda: master.info("connected_slaves") == "0", 20, what="the replica is gone")
        _, said = decide()
        assert "unreplicated" not in said, said
        assert daemon.stop() == 0


def a_flushed_library_is_brought_again():
    with Story() as story:
        server = Server(story, "flushed")
        play, daemon = attach(story, 1500, f"redis://127.0.0.1:{server.port}")
        until(lambda: asked_in(server) >= 20, what="questions arrive")
        server.cli("FUNCTION", "FLUSH")
        until(lambda: "flushed from this Redis" in daemon.log(), what="it is noticed")
        all_arrived(story, daemon, play, 1500, server)


def make_certificates(folder):
    script = f"""set -e; cd {folder}
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=story-ca
for name in localhost elsewhere.example; do
openssl req -newkey rsa:2048 -nodes -keyout $name.key -out $name.csr -subj /CN=$name
printf 'subjectAltName=DNS:%s' $name > $name.ext
openssl x509 -req -in $name.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out $name.crt -days 2 -extfile $name.ext
done"""
    subprocess.run(["sh", "-c", script], check=True, capture_output=True, timeout=60)


def tls_server(story, name):
    from daemon import free_port
    port = free_port()
    return port, Server(story, f"tls-{name}", "--tls-port", str(port), "--tls-cert-file", story.path(f"{name}.crt"),
                        "--tls-key-file", story.path(f"{name}.key"), "--tls-ca-cert-file", story.path("ca.crt"),
                        "--tls-auth-clients", "no")


def tls_is_spoken_to_the_right_host_only_or_its_absence_is_said():
    with Story() as story:
        make_certificates(story.folder)
        port, server = tls_server(story, "localhost")
        play, daemon = attach(story, 400, f"rediss://localhost:{port}", redis_ca_file="ca.crt")
        until(lambda: daemon.log(), what="it says something")
        if "stunnel" in daemon.log():
            assert daemon.wait() != 0
            return "this hiredis has no TLS; weir says so and names stunnel"
        all_arrived(story, daemon, play, 400, server)
        other, _ = tls_server(story, "elsewhere.example")
        play, daemon = attach(story, 20, f"rediss://localhost:{other}", redis_ca_file="ca.crt")
        until(lambda: "certificate verify failed" in daemon.log(), what="another host's certificate is refused")
        assert daemon.stop() == 0
    return None


if __name__ == "__main__":
    tell(a_user_with_a_password_from_a_file_has_a_database_of_its_own,
         one_that_hangs_is_noticed_and_nothing_is_lost,
         a_failover_of_the_sentinels_is_followed_and_nothing_is_lost,
         a_planned_failover_is_followed_too,
         a_cluster_is_worked_with_while_slots_move,
         a_cluster_that_loses_a_node_gets_everything_once_it_is_back,
         a_replica_takes_no_cards,
         a_decision_that_no_replica_has_is_marked,
         a_flushed_library_is_brought_again,
         tls_is_spoken_to_the_right_host_only_or_its_absence_is_said)
