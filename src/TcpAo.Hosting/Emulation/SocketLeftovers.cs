using System.Globalization;
using TcpAo.Linux;
using TcpAo.Linux.Diagnostics;
using TcpAo.Linux.Netfilter;
using TcpAo.Uapi;

namespace TcpAo.Hosting.Emulation;

/// <summary>What <c>tcpao exec</c> that was killed left in a network namespace: rules that drop what they match, since nobody takes their queue.</summary>
public static class SocketLeftovers
{
    /// <summary>Names of the tables whose process is dead, in the namespace of the calling thread.</summary>
    /// <exception cref="LinuxException">CAP_NET_ADMIN is missing.</exception>
    public static IReadOnlyList<string> Find()
    {
        using NftRuleset rules = NftRuleset.Open();
        return [.. rules.TablesBeginningWith(SocketPlane.TablePrefix).Where(IsDead)];
    }

    /// <summary>The sockets whose segments only the rules keep from leaving and coming unsigned: connections that they match, and listeners that they are for.</summary>
    /// <param name="tables">The tables.</param>
    /// <exception cref="LinuxException">CAP_NET_ADMIN is missing.</exception>
    public static IReadOnlyList<TcpSocket> FindSockets(IEnumerable<string> tables)
    {
        NftReach[] reaches = [.. tables.Select(ReadReach)];
        using SockDiag diag = SockDiag.Open();

        // one in TIME-WAIT has nothing to say but to acknowledge
        return [.. diag.List().Where(socket => socket.State != TcpState.TimeWait
            && Array.Exists(reaches, reach => socket.State == TcpState.Listen ? reach.IsListening(socket.Pair.LocalPort) : reach.Covers(socket.Pair)))];
    }

    /// <summary>Takes the tables away: the connections that they were for are not protected any more.</summary>
    /// <param name="tables">Their names.</param>
    /// <param name="sockets">Sockets that are ended before, so that nothing of theirs is sent unsigned: their resets meet the rules.</param>
    /// <exception cref="LinuxException">CAP_NET_ADMIN is missing, or the kernel cannot end sockets (CONFIG_INET_DIAG_DESTROY): then the tables stay.</exception>
    public static void Release(IEnumerable<string> tables, IEnumerable<TcpSocket> sockets)
    {
        ArgumentNullException.ThrowIfNull(tables);
        ArgumentNullException.ThrowIfNull(sockets);
        using SockDiag diag = SockDiag.Open();
        foreach (TcpSocket socket in sockets)
        {
            _ = diag.Destroy(socket.Pair, socket.Cookie, socket.InterfaceIndex);
        }

        foreach (string name in tables)
        {
            using NftRuleset rules = NftRuleset.Open(name);
            rules.Remove();
        }
    }

    private static NftReach ReadReach(string table)
    {
        using NftRuleset rules = NftRuleset.Open(table);
        return rules.ReadReach();
    }

    /// <summary>A living process has its queue.</summary>
    private static bool IsDead(string table)
    {
        if (!ushort.TryParse(table.AsSpan(SocketPlane.TablePrefix.Length), CultureInfo.InvariantCulture, out ushort queue))
        {
            return false;
        }

        try
        {
            NfQueue.Bind(queue).Dispose();
            return true;
        }
        catch (LinuxException)
        {
            return false;
        }
    }
}
