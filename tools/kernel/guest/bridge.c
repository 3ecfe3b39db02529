/* SPDX-License-Identifier: Apache-2.0
 *
 * Carries the transfers of /dev/ofc-twin to `ofc twin`, and its interrupt pin back: bridge SOCKET
 */
#include "../../twin/client.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

struct transfer_head {
	uint32_t number;
	uint16_t address, write_length, read_length, reserved;
};

struct answer_head {
	uint32_t number;
	int32_t status;
};

int main(int count, char **words)
{
	struct ofc_twin twin;
	static uint8_t request[512], answer[512];
	int device = open("/dev/ofc-twin", O_RDWR);

	if (count < 2 || device < 0 || ofc_twin_open(&twin, words[1])) {
		perror("bridge");
		return 1;
	}
	for (;;) {
		struct pollfd ready[2] = { { device, POLLIN, 0 }, { twin.fd, POLLIN, 0 } };

		/* The pin is a level: as long as it is low, the interrupt comes again and again. */
		poll(ready, 2, twin.interrupt_is_low ? 1 : 1000);
		if (ready[1].revents) {
			uint8_t head[3];

			if (ofc_twin_word(&twin, head) < 0)
				return 1;
		}
		if (ready[0].revents & POLLIN) {
			struct transfer_head *head = (struct transfer_head *)request;
			struct answer_head *reply = (struct answer_head *)answer;

			if (read(device, request, sizeof(request)) < (ssize_t)sizeof(*head))
				return 1;
			reply->number = head->number;
			reply->status = ofc_twin_transfer(&twin, head->address, request + sizeof(*head), head->write_length,
							  answer + sizeof(*reply), head->read_length)
						? -errno
						: 0;
			if (write(device, answer, sizeof(*reply) + head->read_length) < 0)
				perror("answer");
		}
		if (twin.interrupt_is_low) {
			struct answer_head raise = { 0xFFFFFFFF, 0 };

			if (write(device, &raise, sizeof(raise)) < 0)
				perror("interrupt");
		}
	}
}
