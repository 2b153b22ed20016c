// NFNLGRP_NFTABLES: one message for each thing changed, then NFT_MSG_NEWGEN with the thread that did it.
using TcpAo.Linux.Interop;
using TcpAo.Linux.Netlink;

namespace TcpAo.Linux.Netfilter;

/// <summary>
/// Tells of changes to the rule set of the network namespace that the thread was in when it opened this: whether they touch
/// our table and who made them. One thread at a time uses it.
/// </summary>
public sealed class NftMonitor : IDisposable
{
    private const int ReceiveBufferBytes = 4 * 1024 * 1024;
    private readonly NetlinkSocket _socket;
    private bool _touchesTable;
    private bool _isLost;

    private NftMonitor(NetlinkSocket socket)
    {
        _socket = socket;
    }

    /// <summary>Subscribes.</summary>
    /// <exception cref="LinuxException">CAP_NET_ADMIN is missing.</exception>
    public static NftMonitor Open()
    {
        NetlinkSocket socket = NetlinkSocket.Open(NetlinkUapi.NETLINK_NETFILTER);
        try
        {
            socket.SetReceiveBuffer(ReceiveBufferBytes);
            socket.Join(NetlinkUapi.NFNLGRP_NFTABLES);
            return new NftMonitor(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Waits for a transaction.</summary>
    /// <param name="timeoutMilliseconds">How long for each notification, -1 without end, 0 not at all.</param>
    /// <param name="change">The transaction.</param>
    /// <returns>False after the timeout.</returns>
    public bool TryRead(int timeoutMilliseconds, out NftChange change)
    {
        while (true)
        {
            ReadOnlySpan<byte> datagram = _socket.Receive(out int error, Libc.MSG_DONTWAIT);
            if (error == Errno.ENOBUFS)
            {
                // the kernel drops what comes until the queue is empty and does not say so again: who looked now would miss it
                _touchesTable = false;
                _isLost = true;
                continue;
            }

            if (error == Errno.EAGAIN && _isLost)
            {
                _isLost = false;
                change = new NftChange(TouchesTable: true, IsLost: true, 0, 0, 0, "");
                return true;
            }

            if (error == Errno.EAGAIN)
            {
                if (timeoutMilliseconds == 0 || !Libc.WaitReadable(_socket.Descriptor, timeoutMilliseconds))
                {
                    change = default;
                    return false;
                }

                continue;
            }

            if (error != 0)
            {
                throw new LinuxException(error, "Could not receive notifications of nf_tables.");
            }

            while (NetlinkMessage.TryTake(ref datagram, out NetlinkMessage message))
            {
                // the kernel ends a datagram with NEWGEN or puts it into one of its own
                if (TryRead(message, out change))
                {
                    return true;
                }
            }
        }
    }

    /// <summary>Ends the subscription.</summary>
    public void Dispose() => _socket.Dispose();

    private bool TryRead(NetlinkMessage message, out NftChange change)
    {
        change = default;
        if (message.Type >> 8 != NetlinkUapi.NFNL_SUBSYS_NFTABLES)
        {
            return false;
        }

        NetlinkAttributes attributes = message.NetfilterAttributes;
        if ((message.Type & 0xFF) != NftUapi.NFT_MSG_NEWGEN)
        {
            // attribute 1 is the table's name in all of them, and the byte before the attributes the family
            _touchesTable |= message.Body.Length > 0 && message.Body[0] == NftUapi.NFPROTO_INET
                && string.Equals(attributes.FindText(NftUapi.NFTA_TABLE_NAME), NftRuleset.TableName, StringComparison.Ordinal);
            return false;
        }

        uint generation = 0;
        int process = 0;
        string name = "";
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NftUapi.NFTA_GEN_ID:
                    generation = attributes.U32Network;
                    break;
                case NftUapi.NFTA_GEN_PROC_PID:
                    process = (int)attributes.U32Network;
                    break;
                case NftUapi.NFTA_GEN_PROC_NAME:
                    name = attributes.Text;
                    break;
                default:
                    break;
            }
        }

        change = new NftChange(_touchesTable, IsLost: false, message.PortId, generation, process, name);
        _touchesTable = false;
        return true;
    }
}
