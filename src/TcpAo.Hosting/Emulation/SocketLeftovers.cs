using System.Globalization;
using TcpAo.Linux;
using TcpAo.Linux.Netfilter;

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

    /// <summary>Takes them away: the connections that they were for are not protected any more.</summary>
    /// <returns>Their names.</returns>
    /// <exception cref="LinuxException">CAP_NET_ADMIN is missing.</exception>
    public static IReadOnlyList<string> Release()
    {
        IReadOnlyList<string> found = Find();
        foreach (string name in found)
        {
            using NftRuleset rules = NftRuleset.Open(name);
            rules.Remove();
        }

        return found;
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
