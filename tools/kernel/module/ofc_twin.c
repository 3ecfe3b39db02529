// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * An I2C bus whose chip is a program: the kernel's own FUSB302 driver and USB-PD stack (tcpm) run against a model.
 *
 * /dev/ofc-twin: read() gives one transfer of the bus, write() its answer, or raises the interrupt.
 * /dev/ofc-twin-plug: writing 1 makes the I2C device, writing 0 removes it. Its driver uses the bus at once, so
 * somebody must be serving /dev/ofc-twin in another process.
 */
#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/i2c.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/property.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#define MOST_BYTES 256
#define RAISE_INTERRUPT 0xFFFFFFFFu

/* What a reader gets: the head, then `write_length` bytes. */
struct transfer_head {
	u32 number;
	u16 address;
	u16 write_length;
	u16 read_length;
	u16 reserved;
};

/* What a writer gives: the head, then as many bytes as were to be read. */
struct answer_head {
	u32 number;
	s32 status; /* 0, or a negative error number */
};

static char *role = "sink";
module_param(role, charp, 0444);
MODULE_PARM_DESC(role, "power role of the port: sink, source or dual");
static u32 source_pdos[7] = { 0x0001912c };
static int source_count = 1;
module_param_array(source_pdos, uint, &source_count, 0444);
static u32 sink_pdos[7] = { 0x0001912c };
static int sink_count = 1;
module_param_array(sink_pdos, uint, &sink_count, 0444);
static uint op_sink_microwatt = 15000000;
module_param(op_sink_microwatt, uint, 0444);

static DEFINE_MUTEX(reader_lock);
static DECLARE_WAIT_QUEUE_HEAD(waiting);
static DECLARE_COMPLETION(answered);
static DEFINE_SPINLOCK(state_lock);
static struct {
	struct transfer_head head;
	u8 out[MOST_BYTES];
	u8 in[MOST_BYTES];
	s32 status;
	bool is_new;
	bool is_open;
} pending;
static u32 last_number;
static int irq;
static struct i2c_client *client;

static int carry_out(u16 address, const u8 *out, u16 out_length, u8 *in, u16 in_length)
{
	unsigned long flags;

	if (out_length > MOST_BYTES || in_length > MOST_BYTES)
		return -EOPNOTSUPP;
	spin_lock_irqsave(&state_lock, flags);
	pending.head.number = ++last_number;
	pending.head.address = address;
	pending.head.write_length = out_length;
	pending.head.read_length = in_length;
	memcpy(pending.out, out, out_length);
	pending.is_new = true;
	pending.is_open = true;
	reinit_completion(&answered);
	spin_unlock_irqrestore(&state_lock, flags);
	wake_up_interruptible(&waiting);
	if (!wait_for_completion_timeout(&answered, msecs_to_jiffies(1000))) {
		pending.is_open = false;
		return -ETIMEDOUT;
	}
	if (pending.status)
		return pending.status;
	memcpy(in, pending.in, in_length);
	return 0;
}

static int twin_xfer(struct i2c_adapter *adapter, struct i2c_msg *msgs, int count)
{
	int index = 0, error;

	while (index < count) {
		struct i2c_msg *first = &msgs[index];

		if (!(first->flags & I2C_M_RD) && index + 1 < count && (msgs[index + 1].flags & I2C_M_RD)) {
			struct i2c_msg *second = &msgs[index + 1];

			error = carry_out(first->addr, first->buf, first->len, second->buf, second->len);
			index += 2;
		} else if (first->flags & I2C_M_RD) {
			error = carry_out(first->addr, NULL, 0, first->buf, first->len);
			index += 1;
		} else {
			error = carry_out(first->addr, first->buf, first->len, NULL, 0);
			index += 1;
		}
		if (error)
			return error;
	}
	return count;
}

static u32 twin_functionality(struct i2c_adapter *adapter)
{
	return I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL;
}

static const struct i2c_algorithm algorithm = {
	.master_xfer = twin_xfer,
	.functionality = twin_functionality,
};

static struct i2c_adapter adapter = {
	.owner = THIS_MODULE,
	.name = "ofc-twin",
	.algo = &algorithm,
};

static ssize_t twin_read(struct file *file, char __user *buffer, size_t size, loff_t *offset)
{
	struct transfer_head head;
	u8 out[MOST_BYTES];
	unsigned long flags;
	int error = wait_event_interruptible(waiting, READ_ONCE(pending.is_new));

	if (error)
		return error;
	spin_lock_irqsave(&state_lock, flags);
	head = pending.head;
	memcpy(out, pending.out, head.write_length);
	pending.is_new = false;
	spin_unlock_irqrestore(&state_lock, flags);
	if (size < sizeof(head) + head.write_length)
		return -EMSGSIZE;
	if (copy_to_user(buffer, &head, sizeof(head)) ||
	    copy_to_user(buffer + sizeof(head), out, head.write_length))
		return -EFAULT;
	return sizeof(head) + head.write_length;
}

static __poll_t twin_poll(struct file *file, struct poll_table_struct *table)
{
	poll_wait(file, &waiting, table);
	return READ_ONCE(pending.is_new) ? EPOLLIN | EPOLLRDNORM : 0;
}

static ssize_t twin_write(struct file *file, const char __user *buffer, size_t size, loff_t *offset)
{
	struct answer_head head;
	u8 in[MOST_BYTES];
	unsigned long flags;
	size_t length;
	bool is_expected = false;

	if (size < sizeof(head) || size > sizeof(head) + MOST_BYTES)
		return -EINVAL;
	length = size - sizeof(head);
	if (copy_from_user(&head, buffer, sizeof(head)) ||
	    copy_from_user(in, buffer + sizeof(head), length))
		return -EFAULT;
	if (head.number == RAISE_INTERRUPT) {
		generic_handle_irq_safe(irq);
		return size;
	}
	spin_lock_irqsave(&state_lock, flags);
	if (pending.is_open && head.number == pending.head.number) {
		is_expected = true;
		pending.is_open = false;
		pending.status = head.status;
		if (!head.status && length < pending.head.read_length)
			pending.status = -EIO;
		memcpy(pending.in, in, length);
	}
	spin_unlock_irqrestore(&state_lock, flags);
	if (!is_expected)
		return -ESTALE;
	complete(&answered);
	return size;
}

static const struct file_operations twin_operations = {
	.owner = THIS_MODULE,
	.read = twin_read,
	.write = twin_write,
	.poll = twin_poll,
};

static struct miscdevice twin_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ofc-twin",
	.fops = &twin_operations,
};

static struct property_entry connector_properties[] = {
	PROPERTY_ENTRY_STRING("power-role", "sink"),
	PROPERTY_ENTRY_STRING("data-role", "dual"),
	PROPERTY_ENTRY_U32_ARRAY_LEN("source-pdos", source_pdos, 1),
	PROPERTY_ENTRY_U32_ARRAY_LEN("sink-pdos", sink_pdos, 1),
	PROPERTY_ENTRY_U32("op-sink-microwatt", 15000000),
	{}
};

static struct property_entry chip_properties[] = { {} };
static const struct software_node chip_node = { .name = "ofc-fusb302", .properties = chip_properties };
static const struct software_node connector_node = {
	.name = "connector",
	.parent = &chip_node,
	.properties = connector_properties,
};
static const struct software_node *nodes[] = { &chip_node, &connector_node, NULL };

static ssize_t plug_write(struct file *file, const char __user *buffer, size_t size, loff_t *offset)
{
	struct i2c_board_info info = {
		.type = "typec_fusb302",
		.addr = 0x22,
		.irq = irq,
		.swnode = &chip_node,
	};
	struct i2c_client *made;
	char wanted;

	if (!size || get_user(wanted, buffer))
		return -EFAULT;
	if (wanted == '0') {
		i2c_unregister_device(client);
		client = NULL;
		return size;
	}
	if (client)
		return -EEXIST;
	made = i2c_new_client_device(&adapter, &info);
	if (IS_ERR(made))
		return PTR_ERR(made);
	client = made;
	return size;
}

static const struct file_operations plug_operations = {
	.owner = THIS_MODULE,
	.write = plug_write,
};

static struct miscdevice plug_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ofc-twin-plug",
	.fops = &plug_operations,
};

static int __init twin_start(void)
{
	int error;

	connector_properties[0] = PROPERTY_ENTRY_STRING("power-role", role);
	connector_properties[2] = PROPERTY_ENTRY_U32_ARRAY_LEN("source-pdos", source_pdos, source_count);
	connector_properties[3] = PROPERTY_ENTRY_U32_ARRAY_LEN("sink-pdos", sink_pdos, sink_count);
	connector_properties[4] = PROPERTY_ENTRY_U32("op-sink-microwatt", op_sink_microwatt);
	irq = irq_alloc_desc(0);
	if (irq < 0)
		return irq;
	irq_set_chip_and_handler(irq, &dummy_irq_chip, handle_simple_irq);
	irq_modify_status(irq, IRQ_NOREQUEST, 0);
	error = software_node_register_node_group(nodes);
	if (error)
		goto no_nodes;
	error = i2c_add_adapter(&adapter);
	if (error)
		goto no_adapter;
	error = misc_register(&twin_device);
	if (error)
		goto no_twin;
	error = misc_register(&plug_device);
	if (error)
		goto no_plug;
	return 0;
no_plug:
	misc_deregister(&twin_device);
no_twin:
	i2c_del_adapter(&adapter);
no_adapter:
	software_node_unregister_node_group(nodes);
no_nodes:
	irq_free_desc(irq);
	return error;
}

static void __exit twin_end(void)
{
	if (client)
		i2c_unregister_device(client);
	misc_deregister(&plug_device);
	misc_deregister(&twin_device);
	i2c_del_adapter(&adapter);
	software_node_unregister_node_group(nodes);
	irq_free_desc(irq);
}

module_init(twin_start);
module_exit(twin_end);
MODULE_DESCRIPTION("I2C bus to a chip model in user space");
MODULE_LICENSE("Dual MIT/GPL");
