using System.Net.Sockets;
using System.Runtime.InteropServices;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Users;

/// <summary>Users and groups as the kernel numbers them: who we are, who is at the other end of a Unix socket, whom a file belongs to.</summary>
public static class UserAccess
{
    private const int SO_PEERCRED = 17;
    private const int SO_PEERGROUPS = 59;
    private const int MaxGroups = 65536;

    /// <summary>The user that this process acts as; 0 is root.</summary>
    public static uint EffectiveUser => Libc.EffectiveUser();

    /// <summary>The number of a group; null when the system knows none of the name.</summary>
    public static uint? FindGroup(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Libc.FindGroup(name);
    }

    /// <summary>Gives a file to a group; the owner stays.</summary>
    /// <exception cref="LinuxException">We are not in the group and CAP_CHOWN is missing, or there is no such file.</exception>
    public static void ChangeGroup(string path, uint group)
    {
        ArgumentNullException.ThrowIfNull(path);
        Libc.ChangeGroup(path, group, $"Could not give {path} to group {group}; run as root, or as a member of that group.");
    }

    /// <summary>Whom a file belongs to.</summary>
    /// <exception cref="LinuxException">There is no such file.</exception>
    public static FileOwner OwnerOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        (uint owner, uint group, uint names) = Libc.OwnerOf(path, $"Could not see whom {path} belongs to.");
        return new FileOwner(owner, group, (int)names);
    }

    /// <summary>Gives a file to a user and a group.</summary>
    /// <exception cref="LinuxException">CAP_CHOWN is missing, or there is no such file.</exception>
    public static void ChangeOwner(string path, FileOwner owner)
    {
        ArgumentNullException.ThrowIfNull(path);
        Libc.ChangeOwner(path, owner.User, owner.Group, $"Could not give {path} to user {owner.User} and group {owner.Group}; run as root, or as that user.");
    }

    /// <summary>Who connected a Unix socket: as the kernel noted it at that moment.</summary>
    /// <exception cref="SocketException">Not a connected Unix socket.</exception>
    public static SocketPeer PeerOf(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);

        // struct ucred: pid, uid, gid
        Span<uint> credentials = stackalloc uint[3];
        socket.GetRawSocketOption(Libc.SOL_SOCKET, SO_PEERCRED, MemoryMarshal.AsBytes(credentials));
        return new SocketPeer((int)credentials[0], credentials[1], [credentials[2], .. Groups(socket)]);
    }

    private static uint[] Groups(Socket socket)
    {
        for (int count = 64; count <= MaxGroups; count *= 32)
        {
            uint[] groups = new uint[count];
            try
            {
                int bytes = socket.GetRawSocketOption(Libc.SOL_SOCKET, SO_PEERGROUPS, MemoryMarshal.AsBytes(groups.AsSpan()));
                return groups[..(bytes / sizeof(uint))];
            }
            catch (SocketException)
            {
                // ERANGE: more groups than there was room for
            }
        }

        return [];
    }
}
