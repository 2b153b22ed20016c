// geteuid(2), chown(2), statx(2), getgrnam_r(3).
using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

internal static unsafe partial class Libc
{
    public const int ERANGE = 34;

    /// <summary>Leaves the owner or the group as it is.</summary>
    public const uint Unchanged = uint.MaxValue;

    public static uint EffectiveUser() => geteuid();

    public static void ChangeGroup(string path, uint group, string what)
    {
        if (chown(path, Unchanged, group) != 0)
        {
            throw LinuxException.Last(what);
        }
    }

    public static void ChangeOwner(string path, uint owner, uint group, string what)
    {
        if (chown(path, owner, group) != 0)
        {
            throw LinuxException.Last(what);
        }
    }

    /// <summary>Whom a file belongs to, and how many names it has.</summary>
    public static (uint Owner, uint Group, uint Names) OwnerOf(string path, string what)
    {
        const int CurrentFolder = -100;
        const int BasicStats = 0x7FF;

        // struct statx: stx_nlink, stx_uid and stx_gid
        const int Length = 256;
        const int Names = 16;
        byte* status = stackalloc byte[Length];
        return statx(CurrentFolder, path, 0, BasicStats, status) == 0
            ? (*(uint*)(status + Names + 4), *(uint*)(status + Names + 8), *(uint*)(status + Names))
            : throw LinuxException.Last(what);
    }

    /// <summary>The number of a group, from whatever the system keeps groups in; null when there is none of the name.</summary>
    public static uint? FindGroup(string name)
    {
        const int MostBytes = 1 << 20;
        for (int length = 4096; length <= MostBytes; length *= 4)
        {
            byte[] buffer = new byte[length];
            fixed (byte* room = buffer)
            {
                GroupEntry entry;
                GroupEntry* found;
                int error = getgrnam_r(name, &entry, room, (nuint)length, &found);
                if (error != ERANGE)
                {
                    return error == 0 && found is not null ? entry.Number : null;
                }
            }
        }

        return null;
    }

    // the error is of no use here; without it the generator writes a DllImport
    [LibraryImport("libc", SetLastError = true)]
    private static partial uint geteuid();

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chown(string path, uint owner, uint group);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, void* status);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int getgrnam_r(string name, GroupEntry* entry, byte* buffer, nuint length, GroupEntry** result);
}
