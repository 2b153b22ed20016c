/* The structures of linux/tcp.h and linux/in.h as a program for any Linux may declare them; LayoutTests.cs adds the checks and compiles this for
   32 and for 64 bits. No header is needed, so that a compiler alone is enough. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef int s32;
typedef unsigned long long u64;

struct sockaddr_storage { union { struct { u16 family; char data[126]; }; void *align; }; };
struct sockaddr_in { u16 sin_family; u16 sin_port; u32 sin_addr; u8 sin_zero[8]; };
struct sockaddr_in6 { u16 sin6_family; u16 sin6_port; u32 sin6_flowinfo; u8 sin6_addr[16]; u32 sin6_scope_id; };

struct tcp_ao_add {
	struct sockaddr_storage addr;
	char alg_name[64];
	s32 ifindex;
	u32 set_current : 1, set_rnext : 1, reserved : 30;
	u16 reserved2;
	u8 prefix, sndid, rcvid, maclen, keyflags, keylen;
	u8 key[80];
} __attribute__((aligned(8)));

struct tcp_ao_del {
	struct sockaddr_storage addr;
	s32 ifindex;
	u32 set_current : 1, set_rnext : 1, del_async : 1, reserved : 29;
	u16 reserved2;
	u8 prefix, sndid, rcvid, current_key, rnext, keyflags;
} __attribute__((aligned(8)));

struct tcp_ao_info_opt {
	u32 set_current : 1, set_rnext : 1, ao_required : 1, set_counters : 1, accept_icmps : 1, reserved : 27;
	u16 reserved2;
	u8 current_key, rnext;
	u64 pkt_good, pkt_bad, pkt_key_not_found, pkt_ao_required, pkt_dropped_icmp;
} __attribute__((aligned(8)));

struct tcp_ao_getsockopt {
	struct sockaddr_storage addr;
	char alg_name[64];
	u8 key[80];
	u32 nkeys;
	u16 is_current : 1, is_rnext : 1, get_all : 1, reserved : 13;
	u8 sndid, rcvid, prefix, maclen, keyflags, keylen;
	s32 ifindex;
	u64 pkt_good, pkt_bad;
} __attribute__((aligned(8)));

struct tcp_ao_repair { u32 snt_isn, rcv_isn, snd_sne, rcv_sne; } __attribute__((aligned(8)));

struct tcp_md5sig {
	struct sockaddr_storage tcpm_addr;
	u8 tcpm_flags, tcpm_prefixlen;
	u16 tcpm_keylen;
	s32 tcpm_ifindex;
	u8 tcpm_key[80];
};

#define OFFSET(type, field, offset) _Static_assert(__builtin_offsetof(struct type, field) == offset, #type "." #field)
#define SIZE(type, size) _Static_assert(sizeof(struct type) == size, #type)

/* a bit-field has no offset: one that is set must leave exactly this byte in the structure; with optimisation the compiler sees it */
#define BIT(type, field, offset, value) \
	void wrong_##type##_##field(void) __attribute__((error(#type "." #field))); \
	void check_##type##_##field(void) { \
		union { struct type s; u8 bytes[sizeof(struct type)]; } u = { .s = { .field = 1 } }; \
		if (u.bytes[offset] != value) wrong_##type##_##field(); \
	}
