/* SPDX-License-Identifier: Apache-2.0
 *
 * A client of `ofc twin` (spec/twin.md): transfers of an I2C bus over a Unix socket, and the interrupt pin.
 * All calls return 0, or -1 with errno.
 */
#ifndef OFC_TWIN_CLIENT_H
#define OFC_TWIN_CLIENT_H

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct ofc_twin {
	int fd;
	int interrupt_is_low;
};

static int ofc_twin_open(struct ofc_twin *twin, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	twin->interrupt_is_low = 0;
	twin->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	return twin->fd < 0 ? -1 : connect(twin->fd, (struct sockaddr *)&address, sizeof(address));
}

static int ofc_twin_take(struct ofc_twin *twin, void *bytes, size_t count)
{
	size_t done = 0;

	while (done < count) {
		ssize_t got = read(twin->fd, (char *)bytes + done, count - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		done += (size_t)got;
	}
	return 0;
}

/* Reads one word of the server: the pin (returns 0), or the head of an answer (returns 1). */
static int ofc_twin_word(struct ofc_twin *twin, uint8_t head[3])
{
	uint8_t kind[2];

	if (ofc_twin_take(twin, kind, 2))
		return -1;
	if (kind[0] == 'I') {
		twin->interrupt_is_low = kind[1];
		return 0;
	}
	head[0] = kind[1];
	return ofc_twin_take(twin, head + 1, 2) ? -1 : 1;
}

/* Writes `write_count` bytes, then reads `read_count`. Nobody at the address: -1 with ENXIO. */
static int ofc_twin_transfer(struct ofc_twin *twin, uint8_t address, const uint8_t *out, uint16_t write_count,
			     uint8_t *in, uint16_t read_count)
{
	uint8_t head[6] = { address, 0, write_count & 0xFF, write_count >> 8, read_count & 0xFF, read_count >> 8 };
	int word;

	if (send(twin->fd, head, 6, MSG_NOSIGNAL) != 6 ||
	    (write_count && send(twin->fd, out, write_count, MSG_NOSIGNAL) != write_count))
		return -1;
	do {
		word = ofc_twin_word(twin, head);
	} while (word == 0);
	if (word < 0)
		return -1;
	if (head[0]) {
		errno = ENXIO;
		return -1;
	}
	return ofc_twin_take(twin, in, (size_t)(head[1] | head[2] << 8));
}

#endif
