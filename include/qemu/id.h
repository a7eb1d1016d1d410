/* SPDX-License-Identifier: MIT */
/*
 * Identifiers that users give to devices, drives and the like, and those that we give.
 */
#ifndef QEMU_ID_H
#define QEMU_ID_H

/* A letter, then letters, digits and any of - . _ */
bool id_wellformed(const char *id);

/**
 * id_check - id_wellformed() with the message users know
 *
 * "Parameter 'id' expects an identifier" and a hint that says what one is.
 */
bool id_check(const char *id, GError **error);

/**
 * id_generate - a name that no user can give, unique in this process
 * @subsystem: such as "block"; the result is "#block042"
 *
 * Any thread. Free with g_free().
 */
char *id_generate(const char *subsystem);

#endif
