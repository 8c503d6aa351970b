#include "advisory/link.h"

#include <sys/stat.h>
#include <unistd.h>

#include "advisory/writer.h"

static int read_index(struct database_link *l, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct ask_reply reply;
	struct stat st;
	int r = -1;

	if (ask(l->link, ASK_PARTITION, STR("index"), &reply, e) < 0)
		return -1;
	if (fstat(reply.fd, &st) < 0 || st.st_size < 0 || st.st_size > DATABASE_INDEX_MAX)
		err_set(e, ERR_FORMAT, "index: not the index of a database");
	else if (!buf_reserve(&text, (size_t)st.st_size))
		ERR_NOMEM(e);
	else
		r = file_read_at(reply.fd, text.data, (size_t)st.st_size, 0, e);
	close(reply.fd);
	if (r < 0)
		return -1;
	buf_used(&text, (size_t)st.st_size);
	if (database_index_parse(buf_str(&text), l->budget, &l->index, e) < 0)
		return -1;
	l->has_index = true;
	return 0;
}

static int open_bound(struct database_link *l, struct str name, struct partition **ret,
		      struct err *e)
{
	struct ask_reply reply;
	struct partition *p;

	if (!l->has_index && read_index(l, e) < 0)
		return -1;
	if (!database_index_find(&l->index, name))
		return err_set(e, ERR_NOT_FOUND, "the database has no partition '%.*s'",
			       STR_ARG(name));
	if (ask(l->link, ASK_PARTITION, name, &reply, e) < 0 ||
	    partition_open(reply.fd, l->budget, &p, e) < 0)
		return -1;
	if (!str_eq(partition_name(p), name)) {
		partition_close(p);
		return err_set(e, ERR_FORMAT, "the file of '%.*s' holds another partition",
			       STR_ARG(name));
	}
	if (partition_bind(p, &l->index, e) < 0) {
		partition_close(p);
		return -1;
	}
	*ret = p;
	return 0;
}

int database_link_partition(void *database_link, struct str name, struct partition **ret,
			    struct err *e)
{
	return open_bound(database_link, name, ret, e);
}

void database_link_done(struct database_link *l)
{
	if (l->has_index)
		database_index_done(&l->index);
	l->has_index = false;
}

int database_folder_answer(void *folder, enum ask_kind kind, struct str name, struct ask_reply *ret,
			   struct err *e)
{
	struct ask_reply reply = {.fd = -1, .seekable = true};

	if (kind != ASK_PARTITION)
		return err_set(e, ERR_INTERNAL, "not a question for the database");
	if (database_folder_file(folder, name, &reply.fd, &reply.size, e) < 0)
		return -1;
	*ret = reply;
	return 0;
}
