using System.Globalization;
using System.Text;

namespace TcpAo.Hosting.DataPlane;

/// <summary>What tells this boot and this network namespace from any other.</summary>
internal static class NamespaceIdentity
{
    /// <summary>The inode of the network namespace, as digits.</summary>
    public static string Inode()
    {
        // net:[4026531840]
        string link = File.ResolveLinkTarget("/proc/thread-self/ns/net", returnFinalTarget: false)?.Name ?? string.Empty;
        return new string([.. link.Where(char.IsAsciiDigit)]);
    }

    /// <summary>Boot id and namespace, at most 48 bytes.</summary>
    public static byte[] Read()
    {
        string boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim().Replace("-", string.Empty, StringComparison.Ordinal);
        return Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{boot}{Inode(),16}"));
    }
}
