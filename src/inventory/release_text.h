/*
 * The forms of the files that name a distribution. Slices of the text, or copies in the arena; a
 * text that says nothing leaves the id empty.
 */
#ifndef PLIMSOLL_INVENTORY_RELEASE_TEXT_H
#define PLIMSOLL_INVENTORY_RELEASE_TEXT_H

#include "base/mem.h"
#include "model/distro.h"

/* os-release(5): shell assignments, the last of a key counts. */
void parse_os_release(struct str text, struct arena *a, struct distro *d);
/* DISTRIB_ID=Ubuntu, DISTRIB_RELEASE=22.04, DISTRIB_CODENAME=jammy */
void parse_lsb_release(struct str text, struct arena *a, struct distro *d);
/* "3.19.1" */
void parse_alpine_release(struct str text, struct arena *a, struct distro *d);
/* "CentOS Linux release 7.9.2009 (Core)" and its kin */
void parse_red_hat_release(struct str text, struct arena *a, struct distro *d);
/* "SUSE Linux Enterprise Server 11 (x86_64)", VERSION = 11, PATCHLEVEL = 4 */
void parse_suse_release(struct str text, struct arena *a, struct distro *d);
/* An empty file. */
void parse_arch_release(struct str text, struct arena *a, struct distro *d);
/* "12.5", "trixie/sid" */
void parse_debian_version(struct str text, struct arena *a, struct distro *d);

#endif
