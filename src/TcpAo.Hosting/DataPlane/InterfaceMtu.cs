using System.Globalization;

namespace TcpAo.Hosting.DataPlane;

/// <summary>MTUs of interfaces by their index, read from sysfs and remembered for a while. Used on one thread.</summary>
/// <param name="time">The clock.</param>
internal sealed class InterfaceMtu(TimeProvider time)
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromSeconds(5);

    private readonly Dictionary<int, int> _mtus = [];
    private long _readAt;

    /// <summary>The MTU of an interface in bytes; 0 where it is not known.</summary>
    public int Of(int index)
    {
        if (index == 0)
        {
            return 0;
        }

        if (_mtus.Count == 0 || time.GetElapsedTime(_readAt) > s_lifetime)
        {
            Read();
        }

        return _mtus.GetValueOrDefault(index);
    }

    private void Read()
    {
        _readAt = time.GetTimestamp();
        _mtus.Clear();
        if (!Directory.Exists("/sys/class/net"))
        {
            return;
        }

        foreach (string link in Directory.EnumerateDirectories("/sys/class/net"))
        {
            if (TryReadNumber($"{link}/ifindex", out int index) && TryReadNumber($"{link}/mtu", out int mtu))
            {
                _mtus[index] = mtu;
            }
        }
    }

    private static bool TryReadNumber(string path, out int number)
    {
        number = 0;
        try
        {
            return int.TryParse(File.ReadAllText(path).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out number);
        }
        catch (IOException)
        {
            // the interface went away
            return false;
        }
    }
}
