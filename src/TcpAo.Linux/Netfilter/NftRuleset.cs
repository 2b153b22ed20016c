// linux/netfilter/nf_tables.h. The order of things that keeps protected traffic closed:
// - Replace is one transaction that keeps the base chains and exchanges everything behind them: there is no moment without
//   rules, and no hook goes away. (A hook that goes away makes the kernel drop every queued packet of the namespace.)
// - The table is owned and persistent where the kernel knows both (Linux 6.9): while the owner lives nobody else changes it
//   and `nft flush ruleset` leaves it alone; when the owner dies it stays, without the owner flag, until somebody takes it
//   over or removes it. OWNER alone would remove it on death, so it is never used alone. An orphan has no protection against
//   `nft flush ruleset` (tried on 6.18): watch with NftMonitor, and install again.
using TcpAo.Linux.Interop;
using TcpAo.Linux.Netlink;

namespace TcpAo.Linux.Netfilter;

/// <summary>
/// An nf_tables table of the network namespace that the thread was in when it opened this: it sends protected
/// segments to queues, before they reach the host's TCP and after they left it. The rules stand on their own: they stay when
/// this object and its process are gone, and whatever they match is then dropped.
/// </summary>
/// <remarks>
/// Prerouting at −300, before connection tracking and NAT, and postrouting at 300, behind source NAT: addresses are those on
/// the wire. Keep the object for as long as the rules are to be defended: it is their owner. One thread at a time uses it.
/// </remarks>
public sealed partial class NftRuleset : IDisposable
{
    /// <summary>Name of the table of <c>tcpao run</c>, of family inet.</summary>
    public const string TableName = "tcpao";

    internal const int InPriority = -300;
    internal const int OutPriority = 300;
    private const int Attempts = 10;
    private const int MaxBatchBytes = 512 * 1024 * 1024;
    private const string WhatInstall = "Could not install the rules of TcpAo.";
    private const string WhatRead = "Could not read the nf_tables rules of TcpAo.";

    private readonly NetlinkSocket _socket;
    private readonly NetlinkBuffer _request = new();
    private readonly string _table;

    private NftRuleset(NetlinkSocket socket, string table)
    {
        _socket = socket;
        _table = table;
        Support = new NftProbe(socket).Run();
    }

    /// <summary>What the kernel can do of what the rules use.</summary>
    public NftSupport Support { get; internal set; }

    /// <summary>Our netlink port, by which the kernel knows the table's owner and notifications name who changed something.</summary>
    public uint PortId => _socket.PortId;

    /// <summary>Opens the table of <c>tcpao run</c>; see the other one.</summary>
    /// <exception cref="LinuxException">CAP_NET_ADMIN is missing, or the kernel has no nf_tables.</exception>
    public static NftRuleset Open() => Open(TableName);

    /// <summary>Opens a table of the namespace and finds out what its kernel can do. Changes nothing; the table need not be there.</summary>
    /// <param name="table">Name of the table.</param>
    /// <exception cref="LinuxException">CAP_NET_ADMIN is missing, or the kernel has no nf_tables.</exception>
    public static NftRuleset Open(string table)
    {
        NetlinkSocket socket = NetlinkSocket.Open(NetlinkUapi.NETLINK_NETFILTER);
        try
        {
            return new NftRuleset(socket, table);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Makes the rules those of a model, in one step for packets. Makes the table where there is none, and takes it over from
    /// an owner that has died.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused; then nothing has changed. EPERM: a living process owns the table.</exception>
    public void Replace(NftModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(model.QueueCount - 1u, 255u, nameof(model));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(model.FirstQueue + model.QueueCount - 1, ushort.MaxValue, nameof(model));
        if (!Support.CanQueue)
        {
            throw new LinuxException(
                Errno.EOPNOTSUPP, "The kernel can queue no packets from nf_tables; it needs CONFIG_NFT_QUEUE, or CONFIG_NFT_COMPAT and CONFIG_NETFILTER_XT_TARGET_NFQUEUE.");
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(model.QueueCount, model.Tun is null ? model.QueueCount : 1, nameof(model));
        if (model.QueueCount > 1 && !Support.HasHash)
        {
            throw new LinuxException(Errno.EOPNOTSUPP, "Several queues need CONFIG_NFT_HASH, which the kernel lacks; use one queue.");
        }

        TakeOverForSteering(model);
        Commit(WhatInstall, (batch, state) =>
        {
            if (state is not null && Support.HasPersistentOwner && (state.Flags & NftUapi.NFT_TABLE_F_PERSIST) == 0)
            {
                // not made by us: the kernel has no way to make it persistent
                batch.DeleteTable();
                state = null;
            }

            if (state is null || (Support.HasPersistentOwner && state.OwnerPortId != PortId))
            {
                // makes the table, or takes it over; refused where a living process owns it
                batch.NewTable(Support.HasPersistentOwner ? NftUapi.NFT_TABLE_F_OWNER | NftUapi.NFT_TABLE_F_PERSIST : 0);
            }

            if (state is not null)
            {
                Empty(batch, state);
            }

            AddBase(batch, state, NftTableWriter.InChain, NftUapi.NF_INET_PRE_ROUTING, InPriority);
            AddBase(batch, state, NftTableWriter.OutChain, NftUapi.NF_INET_POST_ROUTING, OutPriority);
            if (model.Tun is not null)
            {
                AddBase(batch, state, NftTableWriter.SteerChain, NftUapi.NF_INET_LOCAL_OUT, OutPriority, "route");
            }
            else if (state?.BaseChains.Contains(NftTableWriter.SteerChain, StringComparer.Ordinal) == true)
            {
                batch.DeleteChain(NftTableWriter.SteerChain);
            }

            new NftTableWriter(batch, model, Support).Write();
        });
        Remember(model);
    }

    /// <summary>Removes the table: from then on nothing is protected any more.</summary>
    /// <returns>False when there was none.</returns>
    /// <exception cref="LinuxException">The kernel refused. EPERM: a living process owns the table.</exception>
    public bool Remove()
    {
        _room.Clear();
        _portRoom = 0;
        if (Read() is null)
        {
            return false;
        }

        Commit("Could not remove the rules of TcpAo.", (batch, state) =>
        {
            if (state is not null)
            {
                batch.DeleteTable();
            }
        });
        return true;
    }

    /// <summary>Reads the table.</summary>
    /// <returns>Null when there is none.</returns>
    public NftTableState? Read()
    {
        for (int attempt = 1; ; attempt++)
        {
            uint generation = ReadGeneration();
            bool isWhole = TryReadTable(out NftTableState? state);
            if ((isWhole && ReadGeneration() == generation) || attempt == Attempts)
            {
                return state is null ? null : state with { Generation = generation };
            }
        }
    }

    /// <summary>The names of the namespace's tables of family inet that begin with a prefix.</summary>
    public IReadOnlyList<string> TablesBeginningWith(string prefix)
    {
        List<string> names = [];
        uint sequence = Request(NftUapi.NFT_MSG_GETTABLE, NetlinkUapi.NLM_F_DUMP, withTable: false, 0);
        _request.End();
        _socket.Ask(_request, sequence, WhatRead, message =>
        {
            string name = message.NetfilterAttributes.FindText(NftUapi.NFTA_TABLE_NAME);
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                names.Add(name);
            }
        });
        return names;
    }

    /// <summary>Gives up the ownership. The table stays.</summary>
    public void Dispose() => _socket.Dispose();

    /// <summary>The kernel takes no new base chain in a transaction that takes a table over (EINVAL, seen on 6.18): that comes before, and changes no rule.</summary>
    private void TakeOverForSteering(NftModel model)
    {
        const uint Ours = NftUapi.NFT_TABLE_F_OWNER | NftUapi.NFT_TABLE_F_PERSIST;
        if (model.Tun is not null
            && Support.HasPersistentOwner
            && Read() is { } state
            && (state.Flags & NftUapi.NFT_TABLE_F_PERSIST) != 0
            && state.OwnerPortId != PortId
            && !state.BaseChains.Contains(NftTableWriter.SteerChain, StringComparer.Ordinal))
        {
            Commit(WhatInstall, static (batch, _) => batch.NewTable(Ours));
        }
    }

    private static void AddBase(NftBatch batch, NftTableState? state, string name, uint hook, int priority, string type = "filter")
    {
        if (state is null || !state.BaseChains.Contains(name, StringComparer.Ordinal))
        {
            batch.NewBaseChain(name, hook, priority, type);
        }
    }

    private static void Empty(NftBatch batch, NftTableState state)
    {
        // rules hold sets and chains, maps hold chains
        batch.DeleteRules();
        foreach (string set in state.Sets)
        {
            batch.DeleteSet(set);
        }

        foreach (string chain in state.Chains)
        {
            batch.DeleteChain(chain);
        }
    }

    private void Commit(string what, Action<NftBatch, NftTableState?> write)
    {
        NftBatch batch = new(_socket, _table);
        for (int attempt = 1; ; attempt++)
        {
            NftTableState? state = Read();
            batch.Begin(state?.Generation ?? ReadGeneration());
            write(batch, state);
            batch.End();
            EnsureSendBuffer(batch.Buffer.Length, what);
            int errno = _socket.TryTransact(batch.Buffer, batch.LastSequence, what, out string? kernelText);
            if (errno == 0)
            {
                return;
            }

            // somebody else's change came between: read again
            if (errno is not (Errno.ERESTART or Errno.EAGAIN) || attempt == Attempts)
            {
                throw NetlinkSocket.Refused(
                    errno,
                    errno == Errno.EPERM ? $"{what} CAP_NET_ADMIN is missing, or another running tcpao owns the table; stop that one first." : what,
                    kernelText);
            }
        }
    }

    private void EnsureSendBuffer(int bytes, string what)
    {
        // a transaction is one message to the socket, however long
        int room = _socket.SetSendBuffer(Math.Max(bytes + 4096, 256 * 1024));
        if (room < bytes || bytes > MaxBatchBytes)
        {
            throw new LinuxException(
                Errno.EMSGSIZE, $"{what} They come to {bytes} bytes, and the socket takes {room}; raise net.core.wmem_max, run as root of the first user namespace, or name fewer peers.");
        }
    }

    private uint ReadGeneration()
    {
        uint generation = 0;
        uint sequence = Request(NftUapi.NFT_MSG_GETGEN, NetlinkUapi.NLM_F_ACK, withTable: false, 0);
        _request.End();
        _socket.Ask(_request, sequence, WhatRead, message =>
            generation = message.NetfilterAttributes.TryFind(NftUapi.NFTA_GEN_ID, out ReadOnlySpan<byte> id)
                ? System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(id)
                : 0);
        return generation;
    }

    private bool TryReadTable(out NftTableState? state)
    {
        state = null;
        NftTableState? table = null;
        uint sequence = Request(NftUapi.NFT_MSG_GETTABLE, NetlinkUapi.NLM_F_DUMP, withTable: false, 0);
        _request.End();
        bool isWhole = _socket.Ask(_request, sequence, WhatRead, message => table ??= ParseTable(message));
        if (table is null)
        {
            return isWhole;
        }

        List<string> chains = [];
        List<string> baseChains = [];
        List<string> sets = [];
        int rules = 0;
        isWhole &= Dump(NftUapi.NFT_MSG_GETCHAIN, NftUapi.NFTA_CHAIN_TABLE, message =>
        {
            NetlinkAttributes attributes = message.NetfilterAttributes;
            bool isBase = attributes.TryFind(NftUapi.NFTA_CHAIN_HOOK, out _);
            (isBase ? baseChains : chains).Add(attributes.FindText(NftUapi.NFTA_CHAIN_NAME));
        });
        isWhole &= Dump(NftUapi.NFT_MSG_GETSET, NftUapi.NFTA_SET_TABLE, message => sets.Add(message.NetfilterAttributes.FindText(NftUapi.NFTA_SET_NAME)));
        isWhole &= Dump(NftUapi.NFT_MSG_GETRULE, NftUapi.NFTA_RULE_TABLE, _ => rules++);
        state = table with { Chains = chains, BaseChains = baseChains, Sets = sets, RuleCount = rules };
        return isWhole;
    }

    private NftTableState? ParseTable(NetlinkMessage message)
    {
        NetlinkAttributes attributes = message.NetfilterAttributes;
        if (!string.Equals(attributes.FindText(NftUapi.NFTA_TABLE_NAME), _table, StringComparison.Ordinal))
        {
            return null;
        }

        uint flags = 0;
        uint owner = 0;
        ulong handle = 0;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NftUapi.NFTA_TABLE_FLAGS:
                    flags = attributes.U32Network;
                    break;
                case NftUapi.NFTA_TABLE_OWNER:
                    owner = attributes.U32Network;
                    break;
                case NftUapi.NFTA_TABLE_HANDLE:
                    handle = attributes.U64Network;
                    break;
                default:
                    break;
            }
        }

        return new NftTableState { Flags = flags, OwnerPortId = owner, Handle = handle, Chains = [], BaseChains = [], Sets = [] };
    }

    private bool Dump(int type, ushort tableAttribute, NetlinkHandler handler)
    {
        uint sequence = Request(type, NetlinkUapi.NLM_F_DUMP, withTable: true, tableAttribute);
        _request.End();
        return _socket.Ask(_request, sequence, WhatRead, message =>
        {
            // not every kernel filters every dump by table
            if (string.Equals(message.NetfilterAttributes.FindText(tableAttribute), _table, StringComparison.Ordinal))
            {
                handler(message);
            }
        });
    }

    private uint Request(int type, int flags, bool withTable, ushort tableAttribute)
    {
        uint sequence = _socket.NextSequence();
        _request.Clear();
        _request.BeginNetfilter(
            NetlinkUapi.NFNL_SUBSYS_NFTABLES, type, NetlinkUapi.NLM_F_REQUEST | flags, sequence, NftUapi.NFPROTO_INET, 0);
        if (withTable)
        {
            _request.PutString(tableAttribute, _table);
        }

        return sequence;
    }
}
