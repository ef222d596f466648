#!/usr/bin/env bash
# Unpacks Ceph's S3 gateway of Debian's coming release into a folder of its own: install.sh FOLDER. As root, with apt.
# Nothing of it is installed on the machine, and no package's script runs.
set -euo pipefail
folder=$1
[ -e "$folder/complete" ] && exit 0
command -v mmdebstrap >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends mmdebstrap; }
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)
rm -rf "$folder" && mkdir -p "$folder"
# A mirror that stands still has a Release file past its date. Its signature is checked all the same.
mmdebstrap --quiet --variant=extract --include=base-files,ceph-common,ceph-mon,ceph-osd,radosgw \
  --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
  forky "$folder" "$mirror"
touch "$folder/complete"
