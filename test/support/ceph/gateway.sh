#!/usr/bin/env bash
# A Ceph cluster of one monitor, one OSD and one S3 gateway, all on loopback, for as long as standard input is open. Says
# "ready" when the gateway answers. STORE is memstore, in memory, or bluestore, as in production: on disk, and synced.
#
#   unshare --mount --pid --fork --kill-child gateway.sh ROOT FOLDER S3_PORT MONITOR_PORT ACCESS_KEY_ID SECRET_ACCESS_KEY STORE
#
# It is the first process of its namespace: when it ends, so does whatever it has started.
set -euo pipefail
export LC_ALL=C # The unpacked root has no other locale, and radosgw dies of one that is missing.
root=$1 folder=$2 s3_port=$3 monitor_port=$4 access_key_id=$5 secret_access_key=$6 store=$7
configuration=$folder/ceph.conf
mkdir -p "$folder"/{run,crash,monitor,osd,gateway}

cat >"$configuration" <<CONFIGURATION
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon host = [v2:127.0.0.1:$monitor_port/0]
mon initial members = a
public network = 127.0.0.0/8
ms bind ipv6 = false
auth cluster required = none
auth service required = none
auth client required = none
# Without keys there is nothing to encrypt with, and the gateway would wait for that for five minutes.
ms mon client mode = crc
run dir = $folder/run
crash dir = $folder/crash
admin socket = $folder/run/\$name.asok
log file = $folder/\$name.log
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 2000
paxos propose interval = 0.05
paxos min wait = 0.01
[mon]
mon data = $folder/monitor
mon data avail crit = 1
mon data avail warn = 1
[osd]
osd data = $folder/osd
osd objectstore = $store
memstore device bytes = 4294967296
bluestore block create = true
bluestore block size = 8589934592
bluestore min alloc size = 4096
osd class load list = *
osd class default list = *
osd mclock skip benchmark = true
[client]
rgw data = $folder/gateway
rgw frontends = beast endpoint=127.0.0.1:$s3_port
rgw thread pool size = 32
rgw allow notification secrets in cleartext = true
rgw rados pool pg num min = 4
rgw override bucket index max shards = 1
rgw dynamic resharding = false
CONFIGURATION

mkdir -p "$root"/{proc,dev,tmp} "$root$folder"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$folder" "$root$folder"

# Each by its name, since the root has no shell.
ceph_run() { chroot "$root" "$@"; }
serve() { ceph_run "$@" --conf "$configuration" --foreground </dev/null >"$folder/$1.out" 2>&1 & }
until_true() {
  for _ in $(seq 600); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.1
  done
  echo "waited in vain for: $*" >&2
  tail -n 5 "$folder"/*.out >&2
  exit 1
}
client() { ceph_run ceph --conf "$configuration" --connect-timeout 5 "$@"; }
osd_is_up() { client osd stat | grep -q '1 up'; }
gateway_answers() { (exec 9<>"/dev/tcp/127.0.0.1/$s3_port") 2>/dev/null; }

fsid=$(sed -n 's/^fsid = //p' "$configuration")
ceph_run monmaptool --create --clobber --fsid "$fsid" --addv a "[v2:127.0.0.1:$monitor_port/0]" "$folder/monmap" >/dev/null
ceph_run ceph-mon --conf "$configuration" --mkfs --id a --monmap "$folder/monmap" >"$folder/mkfs.out" 2>&1
serve ceph-mon --id a
until_true client mon stat
osd=$(cat /proc/sys/kernel/random/uuid)
client osd new "$osd" >/dev/null 2>&1
ceph_run ceph-osd --conf "$configuration" --id 0 --mkfs --osd-uuid "$osd" >>"$folder/mkfs.out" 2>&1
serve ceph-osd --id 0
until_true osd_is_up
ceph_run radosgw-admin --conf "$configuration" user create --uid=tests --display-name=Tests \
  --access-key="$access_key_id" --secret-key="$secret_access_key" >"$folder/users.out" 2>&1
serve radosgw --name client.rgw.a
until_true gateway_answers
echo ready
cat >/dev/null
