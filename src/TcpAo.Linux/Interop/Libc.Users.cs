// geteuid(2), chown(2), getgrnam_r(3).
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

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int getgrnam_r(string name, GroupEntry* entry, byte* buffer, nuint length, GroupEntry** result);
}
